import type { Interceptor, LlmCall } from '@holdfast/core'
import { interceptorOf, noLimits, tell } from '../call-context.ts'
import type { CallContext, Step, Verdict } from '../call-context.ts'
import { attemptStep } from '../attempt.ts'
import { endpointName } from '../endpoint-name.ts'
import { endingOf, handUp, outcomeOf } from '../ending.ts'
import type { Ending } from '../ending.ts'
import type { Fault, FaultName } from '../faults/faults.ts'
import { askInFormat } from './ask-in-format.ts'
import { redirect } from './target.ts'
import type { FallbackTarget, OnLoss } from './target.ts'

/** Who takes a call over when its own target cannot answer it. */
export interface FallbackOptions {
  /** In the order in which they are asked. */
  readonly to: readonly FallbackTarget[]
  /** Faults that are a reason too, beside those that the decision table marks: `unauthorized`, `filtered`. */
  readonly on?: readonly FaultName[]
  /** What happens where a target's format has no word for what the call says. @default 'refuse' */
  readonly onLoss?: OnLoss
  /** The last word on one target: false leaves it out for this call. */
  readonly canFallBack?: (call: LlmCall, target: FallbackTarget, fault: Fault) => boolean
}

/**
 * Sends a call that failed for good to another model, key or address, in the same format or in another one.
 *
 * Sees: failures until the reply begins, after everything further in has given up.
 * Changes: model, address, key and format of a copy. Where no target answers, the first failure of a provider is handed up.
 */
export function fallback(options: FallbackOptions): Interceptor {
  return interceptorOf('fallback', [fallbackStep(options), attemptStep({ silent: true })], noLimits)
}

/** Fallback as a layer of the family. */
export function fallbackStep({
  to,
  on = [],
  onLoss = 'refuse',
  canFallBack = () => true,
}: FallbackOptions): Step {
  const also = new Set<FaultName>(on)

  function leadsOn(call: LlmCall, context: CallContext, { fault }: Verdict): boolean {
    if (call.signal.aborted || performance.now() >= context.deadlineAtMs) return false
    return fault.fallback === 'yes' || also.has(fault.name)
  }

  return async function fallback(call, next, context) {
    let first: (Ending & { readonly verdict: Verdict }) | undefined
    let current = call
    for (let index = 0; ;) {
      context.targetsLeft = to.length - index
      const ending = await endingOf(askInFormat(call, current, next))
      if ('reply' in ending && ending.reply.failure === undefined) return ending.reply
      const verdict = context.verdict ?? context.judge(current, outcomeOf(ending))
      if (first === undefined || first.verdict.fault.name === 'circuit-open') {
        first = { ...ending, verdict }
      }

      let other: LlmCall | undefined
      if (leadsOn(call, context, verdict)) {
        for (; other === undefined && index < to.length; index++) {
          const target = to[index] as FallbackTarget
          if (canFallBack(call, target, verdict.fault)) other = redirect(call, target, onLoss)
        }
      }
      if (other === undefined) {
        context.verdict = first.verdict
        return handUp(first)
      }
      if ('reply' in ending) void ending.reply.cancel()
      context.maxAttempts++
      tell(call, {
        type: 'fallback-taken',
        from: endpointName(current),
        to: endpointName(other),
        reason: verdict.fault.name,
      })
      current = other
    }
  }
}
