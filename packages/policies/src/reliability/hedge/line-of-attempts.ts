import { watchReply } from '@holdfast/core'
import type { LlmCall, LlmReply } from '@holdfast/core'
import type { CallContext, Inward } from '../call-context.ts'
import { endingOf, handUp } from '../ending.ts'
import type { Ending } from '../ending.ts'
import { HedgedAway } from './hedged-away.ts'

/** One of the lines of attempts of a call, which can be ended without the other. */
export class LineOfAttempts {
  readonly context: CallContext
  readonly ending: Promise<Ending>
  #ended: Ending | undefined
  readonly #controller = new AbortController()
  readonly #caller: AbortSignal
  readonly #onCallerAbort: () => void

  constructor(call: LlmCall, next: Inward, context: CallContext) {
    this.context = context
    this.#caller = call.signal
    this.#onCallerAbort = () => this.#controller.abort(this.#caller.reason)
    if (this.#caller.aborted) this.#onCallerAbort()
    else this.#caller.addEventListener('abort', this.#onCallerAbort, { once: true })
    const own = call.with({ signal: this.#controller.signal })
    this.ending = endingOf(next(own, context)).then((ending) => {
      this.#ended = ending
      context.dropClaim()
      if (!isGood(ending)) this.#letGo()
      return ending
    })
  }

  /** Waits so long at most; true where it has ended. */
  async isOverWithin(waitMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const waited = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, waitMs, false)
    })
    try {
      return await Promise.race([this.ending.then(() => true), waited])
    } finally {
      clearTimeout(timer)
    }
  }

  /** What it came to, once that is known: the reply, or the error. */
  async handUp(): Promise<LlmReply> {
    const reply = handUp(await this.ending)
    if (reply.failure !== undefined) return reply
    const over = (): void => this.#letGo()
    return watchReply(reply, { end: over, error: over, cancel: over })
  }

  /** Ends it, because another one was faster; resolves when that was told, or cannot be waited for. */
  async giveUp(): Promise<void> {
    const reason = new HedgedAway()
    this.#letGo()
    const ended = this.#ended
    this.#controller.abort(reason)
    if (ended === undefined) {
      await Promise.race([this.ending, new Promise((resolve) => setImmediate(resolve))])
      // A transport that does not listen may answer still; nobody reads it.
      void this.ending.then((late) => {
        if ('reply' in late) void late.reply.cancel(reason)
      })
    } else if ('reply' in ended) {
      void ended.reply.cancel(reason)
      if (isGood(ended)) this.context.broken?.({ error: reason })
    }
  }

  /** Nothing of it is under way any more. */
  #letGo(): void {
    this.#caller.removeEventListener('abort', this.#onCallerAbort)
  }
}

/** True for a reply that has begun well. */
export function isGood(ending: Ending): boolean {
  return 'reply' in ending && ending.reply.failure === undefined
}
