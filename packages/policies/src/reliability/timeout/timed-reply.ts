import { isContent, ReplyAround } from '@holdfast/core'
import type { Frame, LlmReply } from '@holdfast/core'
import type { TimedAttempt } from './timed-attempt.ts'

/** A reply whose frames have to come in time. */
export class TimedReply extends ReplyAround {
  readonly #attempt: TimedAttempt
  constructor(reply: LlmReply, attempt: TimedAttempt) {
    super(reply)
    this.#attempt = attempt
  }

  next(): Promise<Frame | undefined> {
    const attempt = this.#attempt
    if (attempt.failure !== undefined) return Promise.reject(attempt.failure)
    if (attempt.over) return this.reply.next()
    attempt.waitFor(attempt.part, this.#giveUp)
    return this.reply.next().then(this.#came, this.#broke)
  }

  override cancel(reason?: unknown): Promise<void> {
    this.#attempt.end()
    return this.reply.cancel(reason)
  }

  readonly #giveUp = (reason: Error): void => {
    // The attempt's signal has ended the transfer already, unless the transport does not listen to it.
    void this.reply.cancel(reason)
  }

  readonly #came = (frame: Frame | undefined): Frame | undefined => {
    const attempt = this.#attempt
    if (attempt.failure !== undefined) throw attempt.failure
    if (frame === undefined || !this.streaming) attempt.end()
    else attempt.came(saysSomething(frame))
    return frame
  }

  readonly #broke = (error: unknown): never => {
    this.#attempt.end()
    throw this.#attempt.failure ?? error
  }
}

/** True for frames that bring the answer further: content, its end, or an error. */
function saysSomething(frame: Frame): boolean {
  try {
    for (const event of frame.events) {
      if (isContent(event) || event.type === 'finish' || event.type === 'error') return true
    }
    return false
  } catch {
    return true
  }
}
