import type { Interceptor, LlmCall } from '@holdfast/core'
import { attemptStep } from '../attempt.ts'
import { interceptorOf, noLimits, tell } from '../call-context.ts'
import type { CallContext, Step } from '../call-context.ts'
import { endpointName } from '../endpoint-name.ts'
import type { RetryBudget } from '../retry/retry-budget.ts'
import { retryBudget } from '../retry/retry.ts'
import { Latencies } from './latencies.ts'
import { isGood, LineOfAttempts } from './line-of-attempts.ts'

/** When a call that is slower than usual is sent a second time. */
export interface HedgeOptions {
  /** A call counts as slow when it takes longer than this share of the last ones. @default 0.95 */
  readonly quantile?: number
  /** Share of an endpoint's calls that may be sent twice. @default 0.05 */
  readonly maxShare?: number
  /** Answers of an endpoint that have to be known before anything is sent twice. @default 20 */
  readonly minSamples?: number
  /** Answers of an endpoint that are looked at. @default 200 */
  readonly windowSize?: number
  /**
   * Which calls may be sent twice. @default those that leave nothing behind at the provider: without tools that it runs
   * itself, not in the background, in no conversation that it keeps
   */
  readonly canHedge?: (call: LlmCall) => boolean
}

/**
 * Sends a call that is slow to begin a second time; the faster answer counts, the other request is given up.
 *
 * Sees: how long answers take to begin, by provider, host, model and mode.
 * Changes: nothing in the call; each line of attempts gets a signal of its own.
 */
export function hedge(options: HedgeOptions = {}): Interceptor {
  return interceptorOf('hedge', [hedgeStep(options), attemptStep()], noLimits)
}

/** Hedging as a layer of the family: around the attempts of one target, inside the choice of the target. */
export function hedgeStep(options: HedgeOptions = {}, budget: RetryBudget = retryBudget()): Step {
  const { quantile = 0.95, maxShare = 0.05, minSamples = 20, windowSize = 200 } = options
  const { canHedge = leavesNothingBehind } = options
  const endpoints = new Map<string, Latencies>()

  function latenciesOf(call: LlmCall): Latencies {
    const key = `${endpointName(call)} ${call.operation} ${call.streaming ? 'streamed' : 'whole'}`
    let latencies = endpoints.get(key)
    if (latencies === undefined) {
      if (endpoints.size >= mostEndpoints) endpoints.clear()
      endpoints.set(key, (latencies = new Latencies(windowSize)))
    }
    return latencies
  }

  /** True while the first attempt is under way, nothing has come of it, and another one may go out. */
  function mayHedge(call: LlmCall, context: CallContext, attemptsBefore: number): boolean {
    const { attempts, mayAttempt, verdict, deadlineAtMs } = context
    if (attempts !== attemptsBefore + 1 || !mayAttempt) return false
    const nowMs = performance.now()
    if (verdict !== undefined || call.signal.aborted || nowMs >= deadlineAtMs) return false
    return canHedge(call) && budget.take(call.provider, nowMs)
  }

  return async function hedge(call, next, context) {
    const latencies = latenciesOf(call)
    const startedAtMs = performance.now()
    const attemptsBefore = context.attempts
    const learn = (): void => {
      // What took several attempts says nothing about how fast one is; nor does waiting for a limit of ours.
      if (context.attempts !== attemptsBefore + 1) return
      latencies.add(performance.now() - context.attemptAtMs)
    }
    latencies.called(maxShare)
    const waitMs = latencies.mayHedge ? latencies.quantileMs(quantile, minSamples) : undefined
    if (waitMs === undefined) {
      const reply = await next(call)
      if (reply.failure === undefined) learn()
      return reply
    }

    const first = new LineOfAttempts(call, next, context)
    const over = await first.isOverWithin(waitMs)
    if (over || !latencies.mayHedge || !mayHedge(call, context, attemptsBefore)) {
      if (isGood(await first.ending)) learn()
      return first.handUp()
    }

    latencies.hedged()
    tell(call, { type: 'hedge-started', afterMs: performance.now() - startedAtMs })
    const fork = context.fork(call)
    fork.claimAttempt()
    const second = new LineOfAttempts(call, next, fork)
    const winner = await faster(first, second)
    // At least so long: without the slow ones, what counts as slow would shrink and shrink.
    latencies.add(performance.now() - context.attemptAtMs)
    await (winner === first ? second : first).giveUp()
    // The second line wins only with an answer; what became of the first is no failure of the call.
    if (winner === second) context.verdict = undefined
    return winner.handUp()
  }
}

const mostEndpoints = 1_000

/** Which of two has the answer first; where neither has one, the first. */
async function faster(first: LineOfAttempts, second: LineOfAttempts): Promise<LineOfAttempts> {
  const ended = await Promise.race([
    first.ending.then(() => first),
    second.ending.then(() => second),
  ])
  if (isGood(await ended.ending)) return ended
  // What is wrong with the request is wrong the second time too.
  if (ended === first && first.context.verdict?.fault.where === 'caller') return first
  const other = ended === first ? second : first
  return isGood(await other.ending) ? other : first
}

/** A second answer to the same request is thrown away: nothing may come of it but costs. */
function leavesNothingBehind(call: LlmCall): boolean {
  try {
    const { tools, extra } = call.request
    if (tools.some(({ provider }) => provider !== undefined)) return false
    return extra['background'] !== true && (extra['conversation'] ?? null) === null
  } catch {
    return false
  }
}
