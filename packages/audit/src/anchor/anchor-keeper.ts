import type { AuditHead } from './head.ts'
import type { Anchor } from './anchor.ts'

/** When heads are taken away. */
export interface AnchorIntervals {
  /** @default 100 */
  readonly everyRows?: number | undefined
  /** After the first row that no head covers. @default 10_000 */
  readonly everyMs?: number | undefined
}

/** Takes heads to the anchor: after so many rows, after so much time, and at the end. One at a time is under way. */
export class AnchorKeeper {
  readonly #anchor: Anchor
  readonly #head: () => AuditHead
  readonly #alarm: (error: unknown) => void
  readonly #everyRows: number
  readonly #everyMs: number
  #rows = 0
  #timer: NodeJS.Timeout | undefined
  #underWay: Promise<void> | undefined

  constructor(
    anchor: Anchor,
    { everyRows = 100, everyMs = 10_000 }: AnchorIntervals,
    head: () => AuditHead,
    alarm: (error: unknown) => void,
  ) {
    this.#anchor = anchor
    this.#head = head
    this.#alarm = alarm
    this.#everyRows = everyRows
    this.#everyMs = everyMs
  }

  rowWritten(): void {
    this.#rows++
    if (this.#rows >= this.#everyRows) return this.take()
    this.#timer ??= setTimeout(() => this.take(), this.#everyMs).unref()
  }

  /** Takes the head there is now; where one is under way, the newest one goes after it. */
  take(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#underWay !== undefined || this.#rows === 0) return
    this.#rows = 0
    let taken: void | Promise<void>
    try {
      taken = this.#anchor(this.#head())
    } catch (error) {
      this.#failed(error)
      return
    }
    if (taken === undefined) return
    this.#underWay = taken
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#underWay = undefined
        if (this.#rows >= this.#everyRows) this.take()
      })
  }

  /** Takes the last head, and resolves when it is there. */
  async end(): Promise<void> {
    this.take()
    await this.#underWay
    this.take()
    await this.#underWay
    clearTimeout(this.#timer)
  }

  #failed(error: unknown): void {
    // It is tried again with the next row that is due, or in a while.
    this.#rows++
    this.#timer ??= setTimeout(() => this.take(), this.#everyMs).unref()
    this.#alarm(error)
  }
}
