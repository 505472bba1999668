import type { LlmCall, LlmReply, Next, TransportProgress } from '@holdfast/core'
import type { CallContext } from '../call-context.ts'
import { FaultError } from '../faults/fault-error.ts'
import type { FaultName } from '../faults/faults.ts'
import { TimedReply } from './timed-reply.ts'

/** The timeouts of one attempt, decided. */
export interface AttemptLimits {
  readonly connectMs: number
  readonly headersMs: number
  readonly firstContentMs: number
  readonly betweenContentMs: number
  readonly attemptMs: number
}

/** What an attempt is waiting for. */
export type Part = 'headers' | 'first-content' | 'content' | 'body' | 'nothing'

/**
 * One attempt under the clock. One timer serves all limits: it is set for the nearest one, and where that has moved
 * on by the time it fires, it is set again. So a frame costs two looks at the clock, and no timer.
 */
export class TimedAttempt implements TransportProgress {
  readonly #call: LlmCall
  readonly #context: CallContext
  readonly #limits: AttemptLimits
  readonly #controller = new AbortController()
  readonly #startedAtMs = performance.now()
  readonly #onCallerAbort: () => void
  #part: Part = 'headers'
  #connectingSinceMs = Infinity
  #timer: NodeJS.Timeout | undefined
  #timerAtMs = Infinity
  #giveUp: ((reason: Error) => void) | undefined
  #waitingSinceMs = Infinity
  /** Waited since the last content, apart from the wait under way. */
  #waitedMs = 0
  /** Why the attempt was ended from here. */
  failure: Error | undefined

  constructor(call: LlmCall, context: CallContext, limits: AttemptLimits) {
    this.#call = call
    this.#context = context
    this.#limits = limits
    this.#onCallerAbort = () => this.#fail(call.signal.reason as Error)
  }

  run(next: Next): Promise<LlmReply> {
    const { signal } = this.#call
    if (signal.aborted) return Promise.reject(signal.reason as Error)
    const own = this.#controller.signal
    const call = this.#call.with({ signal: own, progress: this })
    signal.addEventListener('abort', this.#onCallerAbort)
    return new Promise((resolve, reject) => {
      this.waitFor('headers', reject)
      next(call).then(
        (reply) => {
          if (this.failure === undefined) resolve(this.#opened(reply))
          else void reply.cancel(this.failure)
        },
        (error: Error) => {
          this.end()
          reject(error)
        },
      )
    })
  }

  connecting(): void {
    this.#context.reused = false
    this.#connectingSinceMs = performance.now()
    this.#arm()
  }

  sent(): void {
    this.#context.reused ??= true
    this.#connectingSinceMs = Infinity
  }

  get over(): boolean {
    return this.#part === 'nothing'
  }

  get part(): Part {
    return this.#part
  }

  /** Starts to wait; `giveUp` is called when it takes too long or the caller aborts. */
  waitFor(part: Part, giveUp: (reason: Error) => void): void {
    this.#part = part
    this.#giveUp = giveUp
    this.#waitingSinceMs = performance.now()
    this.#arm()
  }

  /** Something came: while nobody waits, no time counts. */
  came(content: boolean): void {
    this.#waitedMs = content ? 0 : this.#waitedMs + performance.now() - this.#waitingSinceMs
    this.#waitingSinceMs = Infinity
    if (content && this.#part === 'first-content') this.#part = 'content'
  }

  /** Nothing more is waited for. */
  end(): void {
    if (this.#part === 'nothing') return
    this.#part = 'nothing'
    clearTimeout(this.#timer)
    this.#call.signal.removeEventListener('abort', this.#onCallerAbort)
  }

  #opened(reply: LlmReply): LlmReply {
    if (reply.status >= 300 || reply.response.body === undefined) {
      this.end()
      return reply
    }
    this.came(true)
    this.#part = reply.streaming ? 'first-content' : 'body'
    return new TimedReply(reply, this)
  }

  #fail(error: Error): void {
    this.end()
    this.failure = error
    this.#controller.abort(error)
    this.#giveUp?.(error)
  }

  /** Sees to it that the timer fires at the nearest limit, or before. */
  #arm(): void {
    const atMs = this.#nearestMs()
    if (atMs >= this.#timerAtMs || this.#part === 'nothing') return
    clearTimeout(this.#timer)
    this.#timerAtMs = atMs
    const inMs = Math.min(Math.max(1, Math.ceil(atMs - performance.now())), longestTimerMs)
    this.#timer = setTimeout(() => this.#fired(), inMs)
    // Sockets keep a process alive; a limit on them should not.
    this.#timer.unref()
  }

  #fired(): void {
    this.#timerAtMs = Infinity
    if (this.#nearestMs() > performance.now()) this.#arm()
    else this.#fail(this.#tooLate())
  }

  #nearestMs(): number {
    const endsAtMs = this.#endsAtMs()
    const { connectMs, headersMs, firstContentMs, betweenContentMs } = this.#limits
    switch (this.#part) {
      case 'nothing':
        return Infinity
      case 'headers': {
        const connectedByMs = this.#connectingSinceMs + connectMs
        return Math.min(this.#startedAtMs + headersMs, connectedByMs, endsAtMs)
      }
      case 'first-content':
        return Math.min(this.#idleUntilMs(firstContentMs), endsAtMs)
      default:
        return Math.min(this.#idleUntilMs(betweenContentMs), endsAtMs)
    }
  }

  #idleUntilMs(limitMs: number): number {
    return this.#waitingSinceMs + limitMs - this.#waitedMs
  }

  /** A stream whose content flows has until the end of the call; before that the caller's own patience counts. */
  #endsAtMs(): number {
    if (this.#part === 'content') return this.#context.endsAtMs
    return Math.min(this.#startedAtMs + this.#limits.attemptMs, this.#context.deadlineAtMs)
  }

  #tooLate(): FaultError {
    const { connectMs, headersMs, firstContentMs, betweenContentMs, attemptMs } = this.#limits
    const { startedAtMs, deadlineAtMs, endsAtMs } = this.#context
    const nowMs = performance.now()
    if (nowMs >= this.#endsAtMs()) {
      if (this.#part === 'content') {
        return this.#error('deadline-passed', `the call had ${duration(endsAtMs - startedAtMs)}`)
      }
      if (nowMs >= deadlineAtMs) {
        return this.#error(
          'deadline-passed',
          `the call had ${duration(deadlineAtMs - startedAtMs)}`,
        )
      }
      const fault = this.#part === 'headers' ? 'headers-timed-out' : 'content-timed-out'
      return this.#error(fault, `the attempt had ${duration(attemptMs)}`)
    }
    switch (this.#part) {
      case 'headers':
        return nowMs >= this.#connectingSinceMs + connectMs
          ? this.#error('not-connected', `no connection within ${duration(connectMs)}`)
          : this.#error('headers-timed-out', `no headers within ${duration(headersMs)}`)
      case 'first-content':
        return this.#error('content-timed-out', `no content within ${duration(firstContentMs)}`)
      case 'body':
        return this.#error('content-timed-out', `no body within ${duration(betweenContentMs)}`)
      default:
        return this.#error(
          'stalled-after-content',
          `no more content for ${duration(betweenContentMs)}; keep-alive bytes do not count`,
        )
    }
  }

  #error(fault: FaultName, what: string): FaultError {
    const code = fault === 'stalled-after-content' ? 'STREAM_STALLED' : 'CALL_TIMED_OUT'
    return new FaultError(code, fault, `${this.#call.host} timed out: ${what}`)
  }
}

const longestTimerMs = 2 ** 31 - 1

function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`
}
