import { Alerts } from './alerts/alerts.ts'
import type { Step } from './call-context.ts'
import { tell } from './call-context.ts'

/** Counts a request that goes upstream, tells how it ended, finds out which fault it was, and whether a person has to know. */
export function attemptStep({ silent = false }: { readonly silent?: boolean } = {}): Step {
  const alerts = new Alerts()
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
    const atMs = performance.now()
    context.attemptAtMs = atMs
    if (!silent) {
      const { provider, host, model } = call
      tell(call, { type: 'attempt-start', attempt, provider, host, model, atMs })
    }
    const failed = (outcome: Parameters<typeof context.judge>[1]): void => {
      const { fault, failure, atMs } = context.judge(call, outcome)
      if (silent) return
      const { name, possiblyBilled } = fault
      tell(call, { type: 'attempt-failed', attempt, atMs, fault: name, failure, possiblyBilled })
      if (fault.alert) alerts.raise(call, fault)
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
        alerts.settle(call)
        tell(call, { type: 'attempt-end', attempt, atMs: performance.now(), status })
      }
      return reply
    } catch (error) {
      failed({ error })
      throw error
    }
  }
}
