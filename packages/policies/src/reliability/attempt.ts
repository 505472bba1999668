import type { Step } from './call-context.ts'
import { tell } from './call-context.ts'

/** Counts a request that goes upstream, tells how it ended, and finds out which fault it was. */
export function attemptStep({ silent = false }: { readonly silent?: boolean } = {}): Step {
  return async function attempt(call, next, context) {
    if (call.signal.aborted) {
      const reason: unknown = call.signal.reason
      context.judge(call, { error: reason })
      throw reason
    }
    const attempt = ++context.attempts
    context.phase = 'sending'
    context.reused = undefined
    context.verdict = undefined
    if (!silent) {
      const { provider, host, model } = call
      tell(call, { type: 'attempt-start', attempt, provider, host, model, atMs: performance.now() })
    }
    const failed = (outcome: Parameters<typeof context.judge>[1]): void => {
      const { fault, failure, atMs } = context.judge(call, outcome)
      const { name, possiblyBilled } = fault
      if (!silent) {
        tell(call, { type: 'attempt-failed', attempt, atMs, fault: name, failure, possiblyBilled })
      }
    }
    context.broken = (outcome) => {
      failed(outcome)
      if (context.verdict !== undefined) context.counted?.(context.verdict)
    }

    try {
      const reply = await next(call)
      if (reply.failure !== undefined) {
        failed({ failure: reply.failure, insideReply: reply.status < 400 })
      } else if (!silent) {
        const { status } = reply
        tell(call, { type: 'attempt-end', attempt, atMs: performance.now(), status })
      }
      return reply
    } catch (error) {
      failed({ error })
      throw error
    }
  }
}
