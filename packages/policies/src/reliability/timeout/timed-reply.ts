import { isContent } from '@holdfast/core'
import type { Failure, Frame, HttpHeaders, HttpResponse, LlmReply } from '@holdfast/core'
import type { TimedAttempt } from './timed-attempt.ts'

/** A reply whose frames have to come in time. */
export class TimedReply implements LlmReply {
  readonly status: number
  readonly statusText: string
  readonly headers: HttpHeaders
  readonly streaming: boolean
  readonly failure: Failure | undefined
  readonly response: HttpResponse
  readonly #reply: LlmReply
  readonly #attempt: TimedAttempt
  constructor(reply: LlmReply, attempt: TimedAttempt) {
    this.status = reply.status
    this.statusText = reply.statusText
    this.headers = reply.headers
    this.streaming = reply.streaming
    this.failure = reply.failure
    this.response = reply.response
    this.#reply = reply
    this.#attempt = attempt
  }

  complete(): boolean {
    return this.#reply.complete()
  }

  problem(): string | undefined {
    return this.#reply.problem()
  }

  next(): Promise<Frame | undefined> {
    const attempt = this.#attempt
    if (attempt.failure !== undefined) return Promise.reject(attempt.failure)
    if (attempt.over) return this.#reply.next()
    attempt.waitFor(attempt.part, this.#giveUp)
    return this.#reply.next().then(this.#came, this.#broke)
  }

  cancel(reason?: unknown): Promise<void> {
    this.#attempt.end()
    return this.#reply.cancel(reason)
  }

  readonly #giveUp = (reason: Error): void => {
    // The attempt's signal has ended the transfer already, unless the transport does not listen to it.
    void this.#reply.cancel(reason)
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
