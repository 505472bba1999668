import { RawBody } from './raw-body.ts'

/** Who can be told to send more slowly. */
export interface Flow {
  pause(): void
  resume(): void
  cancel(reason: unknown): void
}

interface Waiting {
  readonly resolve: (chunk: Uint8Array | undefined) => void
  readonly reject: (error: unknown) => void
}

// Enough for one read ahead; the rest waits in the network.
const highWaterBytes = 64 * 1024

/** A body that is pushed in on one side and pulled out on the other. */
export class ByteQueue extends RawBody {
  readonly #flow: Flow
  #chunks: Uint8Array[] = []
  #queuedBytes = 0
  #paused = false
  #end: { error?: unknown } | undefined
  #waiting: Waiting | undefined

  constructor(flow: Flow) {
    super()
    this.#flow = flow
  }

  push(chunk: Uint8Array): void {
    if (this.#waiting !== undefined) {
      const { resolve } = this.#waiting
      this.#waiting = undefined
      resolve(chunk)
      return
    }
    this.#chunks.push(chunk)
    this.#queuedBytes += chunk.byteLength
    if (this.#paused || this.#queuedBytes < highWaterBytes) return
    this.#paused = true
    this.#flow.pause()
  }

  /** No more comes: it was all, or it failed. */
  end(outcome: { error?: unknown } = {}): void {
    if (this.#end !== undefined) return
    this.#end = outcome
    if (this.#waiting === undefined) return
    const { resolve, reject } = this.#waiting
    if ('error' in outcome) reject(outcome.error)
    else resolve(undefined)
  }

  take(): Promise<Uint8Array | undefined> {
    const chunk = this.#chunks.shift()
    if (chunk !== undefined) {
      this.#queuedBytes -= chunk.byteLength
      if (this.#paused && this.#chunks.length === 0) {
        this.#paused = false
        this.#flow.resume()
      }
      return Promise.resolve(chunk)
    }
    return new Promise((resolve, reject) => {
      if (this.#end === undefined) this.#waiting = { resolve, reject }
      // oxlint-disable-next-line prefer-promise-reject-errors -- the network's own error, as it is
      else if ('error' in this.#end) reject(this.#end.error)
      else resolve(undefined)
    })
  }

  protected stop(reason: unknown): void {
    this.#chunks = []
    const running = this.#end === undefined
    this.end()
    if (running) this.#flow.cancel(reason)
  }
}
