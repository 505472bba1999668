import { ReplyAround } from '@holdfast/core'
import type { Frame, LlmReply } from '@holdfast/core'
import { wholeReply } from './whole-reply.ts'
import type { Recorder } from './whole-reply.ts'

/** How long a provider may keep the body open after its terminal event before the record is made. */
const lingerMs = 1_000

/** The same stream, written down: what completes it is handed up only when that is on disk. */
export class RecordingReply extends ReplyAround {
  readonly #recorder: Recorder
  #frames: Frame[] = []
  /** Read, recorded, and not handed up yet. */
  #held: Frame[] = []
  /** The end of a body that stays open after its terminal event. */
  #rest: Promise<Frame | undefined> | undefined
  #over = false

  constructor(reply: LlmReply, recorder: Recorder) {
    super(reply)
    this.#recorder = recorder
  }

  next(): Promise<Frame | undefined> {
    return this.#over ? this.#afterwards() : this.#pull()
  }

  async #pull(): Promise<Frame | undefined> {
    let frame: Frame | undefined
    try {
      frame = await this.reply.next()
    } catch (error) {
      this.#give(error)
      throw error
    }
    if (frame === undefined) {
      this.#give(undefined)
      return undefined
    }
    if (!this.reply.complete()) {
      this.#frames.push(frame)
      return frame
    }
    this.#frames.push(frame)
    await this.#finish()
    // Its own bytes come before those of the frames behind it.
    return this.#held.shift()
  }

  override cancel(reason?: unknown): Promise<void> {
    this.#held = []
    this.#give(reason)
    return this.reply.cancel(reason)
  }

  /** Everything is said: reads what follows, writes it all down, and only then hands up the rest. */
  async #finish(): Promise<void> {
    const from = this.#frames.length - 1
    await this.#readRest()
    this.#over = true
    const frames = this.#frames
    this.#frames = []
    await this.#recorder.record(wholeReply(this.reply, frames))
    this.#held = frames.slice(from)
  }

  async #readRest(): Promise<void> {
    const until = timeout(lingerMs)
    try {
      for (;;) {
        const reading = this.reply.next()
        const frame = await Promise.race([reading, until.passed])
        if (frame === 'late') {
          // What comes now is handed up, but not written down: it is not part of the answer.
          this.#rest = reading
          reading.catch(() => {})
          return
        }
        if (frame === undefined) return
        this.#frames.push(frame)
      }
    } catch {
      // The answer was complete; how the connection ended is no part of it.
    } finally {
      until.cancel()
    }
  }

  #afterwards(): Promise<Frame | undefined> {
    if (this.#held.length > 0) return Promise.resolve(this.#held.shift())
    return this.#rest === undefined ? Promise.resolve(undefined) : this.#takeRest(this.#rest)
  }

  async #takeRest(rest: Promise<Frame | undefined>): Promise<Frame | undefined> {
    this.#rest = undefined
    const frame = await rest
    if (frame !== undefined) this.#rest = this.reply.next()
    return frame
  }

  #give(error: unknown): void {
    if (this.#over) return
    this.#over = true
    this.#frames = []
    this.#recorder.lost(this.reply, error)
  }
}

function timeout(ms: number): { readonly passed: Promise<'late'>; cancel(): void } {
  let timer: NodeJS.Timeout | undefined
  const passed = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), ms)
  })
  return { passed, cancel: () => clearTimeout(timer) }
}
