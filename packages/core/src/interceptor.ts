import { HoldfastError } from './errors.ts'
import type { Call, LlmCall } from './call.ts'
import type { LlmReply, ToolReply } from './reply.ts'

/** What a kind of call answers with. */
export type ReplyOf<C extends Call> = C extends LlmCall ? LlmReply : ToolReply

/** The way inward. Resolves when the reply's head is in; only retry, hedge and fallback call it twice. */
export type Next<C extends Call = LlmCall> = (call: C) => Promise<ReplyOf<C>>

/** Stands around a call: looks, answers, refuses, or changes a copy. A policy is an interceptor with options. */
export type Interceptor<C extends Call = LlmCall> = (call: C, next: Next<C>) => Promise<ReplyOf<C>>

/** Puts interceptors around the innermost step. The first is the outermost: it sees the call first and the reply last. */
export function compose<C extends Call>(
  interceptors: readonly Interceptor<C>[],
  innermost: Next<C>,
): Next<C> {
  return interceptors.reduceRight<Next<C>>(
    (next, interceptor) => (call) => interceptor(call, next),
    innermost,
  )
}

/**
 * The same interceptor with a net under it: where it breaks by itself, the call goes on as if it were not there.
 * Failures from further in, and refusals it raises on purpose as a HoldfastError, pass.
 */
export function failOpen<C extends Call>(
  interceptor: Interceptor<C>,
  bug: (error: unknown) => void,
): Interceptor<C> {
  return async function failOpen(call, next) {
    let inner: Promise<ReplyOf<C>> | undefined
    const remembered: Next<C> = (changed) => (inner = next(changed))
    try {
      return await interceptor(call, remembered)
    } catch (error) {
      if (HoldfastError.is(error)) throw error
      if (inner === undefined) {
        bug(error)
        return next(call)
      }
      // Throws what came from further in; where that was fine, the interceptor broke on the way out.
      const reply = await inner
      bug(error)
      return reply
    }
  }
}
