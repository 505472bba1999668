import type { Claims } from './claims.ts'

/** Calls of this process that wait for the same limit, first come first served: only the first of a line asks again. */
export class WaitingLines {
  readonly #lines = new Map<string, Place[]>()

  /** The first of these that somebody waits for. */
  waitedFor({ slots, rates }: Pick<Claims, 'slots' | 'rates'>): string | undefined {
    if (this.#lines.size === 0) return undefined
    return [...slots, ...rates].find(({ key }) => this.#lines.has(key))?.key
  }

  /** Takes the last place of a line. Whoever takes one has to leave it. */
  join(key: string): Place {
    const line = this.#lines.get(key)
    const place: Place = new Place(() => this.#leave(key, place))
    if (line === undefined) {
      this.#lines.set(key, [place])
      place.first = true
    } else line.push(place)
    return place
  }

  /** There may be room: the first of the line asks now. */
  nudge(key: string): void {
    this.#lines.get(key)?.[0]?.nudge()
  }

  #leave(key: string, place: Place): void {
    const line = this.#lines.get(key)
    const at = line?.indexOf(place) ?? -1
    if (line === undefined || at < 0) return
    line.splice(at, 1)
    const [first] = line
    if (first === undefined) this.#lines.delete(key)
    else if (at === 0) {
      first.first = true
      first.nudge()
    }
  }
}

/** A place in a waiting line. */
export class Place {
  /** Nobody was here before: it is for this one to ask. */
  first = false
  readonly leave: () => void
  #nudged = false
  #wake: (() => void) | undefined

  constructor(leave: () => void) {
    this.leave = leave
  }

  /** Wakes whoever sleeps here, or the next one to do so. */
  nudge(): void {
    this.#nudged = true
    this.#wake?.()
  }

  /** Sleeps until a nudge, or for so long. Rejects with the signal's reason when it aborts. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (!this.#nudged && ms > 0) {
      let timer: NodeJS.Timeout | undefined
      let aborted: (() => void) | undefined
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve
        // Timers may fire up to a millisecond early, and hold no more than 24 days.
        timer = setTimeout(resolve, Math.min(Math.ceil(ms) + 1, longestTimerMs))
        aborted = () => reject(signal.reason as Error)
        signal.addEventListener('abort', aborted, { once: true })
      }).finally(() => {
        clearTimeout(timer)
        if (aborted !== undefined) signal.removeEventListener('abort', aborted)
        this.#wake = undefined
      })
    }
    this.#nudged = false
  }
}

const longestTimerMs = 2 ** 31 - 1
