import type { Interceptor, LlmCall, LlmReply } from '@holdfast/core'

/**
 * Looks at a call before it goes further in; what it throws refuses it. Undefined where it does not care what comes of
 * the call.
 */
export type Observer = (call: LlmCall) => Observed | undefined

/** What comes of a call that was let in: `answered` or `failed`, once. */
export interface Observed {
  /** The call as it goes on. @default as it came */
  readonly call?: LlmCall
  /** The request is under way. */
  underWay?(): void
  answered?(reply: LlmReply): LlmReply
  failed?(error: unknown): void
}

/** Observers as one interceptor, the first outermost: none of them costs a call a promise of its own. */
export function observing(observers: readonly Observer[]): Interceptor {
  return async function observing(call, next) {
    const waiting: Observed[] = []
    try {
      let changed = call
      for (const observe of observers) {
        const observed = observe(changed)
        if (observed === undefined) continue
        waiting.push(observed)
        changed = observed.call ?? changed
      }
      const answering = next(changed)
      for (const observed of waiting) observed.underWay?.()
      let reply = await answering
      for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
        reply = one.answered?.(reply) ?? reply
      }
      return reply
    } catch (error) {
      for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) one.failed?.(error)
      throw error
    }
  }
}
