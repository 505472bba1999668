import type { Interceptor, LlmCall } from '@holdfast/core'
import { interceptorOf, noLimits, tell } from '../call-context.ts'
import type { Step, Verdict } from '../call-context.ts'
import { attemptStep } from '../attempt.ts'
import { endpointName } from '../endpoint-name.ts'
import { endingOf, handUp, outcomeOf } from '../ending.ts'
import type { Ending } from '../ending.ts'
import { isRefusal } from '../faults/faults.ts'
import type { Fault, FaultName } from '../faults/faults.ts'
import { askInFormat } from './ask-in-format.ts'
import { isLasting, reasonOf } from './chains.ts'
import type { FallbackChains } from './chains.ts'
import { Stickiness } from './stickiness.ts'
import { redirect } from './target.ts'
import type { FallbackTarget, OnLoss } from './target.ts'

/** Who takes a call over when its own target cannot answer it. */
export interface FallbackOptions {
  /** In the order in which they are asked, for every reason that has no chain of its own. @default none */
  readonly to?: readonly FallbackTarget[]
  /**
   * Targets for one reason, in place of `to`; an empty chain lets nobody take over. What is wrong with the request
   * itself leads on only where its reason has a chain: `contextLength`, `contentFilter`, `unauthorized`.
   */
  readonly chains?: FallbackChains
  /** Faults that are a reason too, beside those that the decision table marks: `unauthorized`, `filtered`. */
  readonly on?: readonly FaultName[]
  /** For so long calls go to the target that took over before the first choice is tried again; 0 for never. @default 60_000 */
  readonly stickyMs?: number
  /** What happens where a target's format has no word for what the call says. @default 'refuse' */
  readonly onLoss?: OnLoss
  /** The last word on one target: false leaves it out for this call. */
  readonly canFallBack?: (call: LlmCall, target: FallbackTarget, fault: Fault) => boolean
}

/** False where no target is named at all. */
export function namesTargets({ to = [], chains = {} }: FallbackOptions): boolean {
  return [to, ...Object.values(chains)].some((targets) => targets.length > 0)
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

/** Fallback as a layer of the family; `mayAsk` is the word of who says what may be used. */
export function fallbackStep(
  options: FallbackOptions,
  mayAsk: (call: LlmCall) => boolean = () => true,
): Step {
  const { on = [], stickyMs = 60_000, onLoss = 'refuse', canFallBack = () => true } = options
  const { to, chains } = withoutDoubles(options)
  const mostTargets = new Set([to, ...Object.values(chains)].flat()).size
  const also = new Set<FaultName>(on)
  const stickiness = new Stickiness(stickyMs)
  // What a filter stopped is an answer like any other, unless somebody says that it is not.
  const filteredFails = also.has('filtered') || chains.contentFilter !== undefined

  function chainFor(fault: FaultName): readonly FallbackTarget[] {
    const reason = reasonOf(fault)
    return (reason === undefined ? undefined : chains[reason]) ?? to
  }

  function leadsOn({ name, fallback }: Fault): boolean {
    if (fallback === 'yes' || also.has(name)) return true
    const reason = reasonOf(name)
    return fallback === 'if-asked' && reason !== undefined && chains[reason] !== undefined
  }

  function choose(call: LlmCall, target: FallbackTarget, fault: Fault): Choice | undefined {
    if (!canFallBack(call, target, fault)) return undefined
    const redirected = redirect(call, target, onLoss)
    return redirected && mayAsk(redirected) ? { call: redirected, target } : undefined
  }

  /** Who is asked next; whoever is looked at counts as tried. */
  function nextChoice(own: Choice, tried: Set<Tried>, fault: Fault): Choice | undefined {
    // Somebody stood in: that was no wish of the application, so its own choice is asked whatever went wrong.
    if (!tried.has(firstChoice)) return fault.name === 'refused-here' ? undefined : own
    if (!leadsOn(fault)) return undefined
    for (const target of chainFor(fault.name)) {
      if (tried.has(target)) continue
      tried.add(target)
      const choice = choose(own.call, target, fault)
      if (choice !== undefined) return choice
    }
    return undefined
  }

  return async function fallback(call, next, context) {
    context.filteredFails = filteredFails
    const own: Choice = { call, target: firstChoice }
    const seat = stickiness.standInFor(call)
    const standIn = typeof seat === 'object' ? choose(call, seat.target, seat.fault) : undefined
    if (standIn !== undefined) taken(own, standIn, 'sticky')
    const tried = new Set<Tried>()
    let current = standIn ?? own
    let ownFault: Fault | undefined
    let first: (Ending & { readonly verdict: Verdict }) | undefined
    try {
      for (;;) {
        tried.add(current.target)
        context.targetsLeft = chainFor('overloaded').filter((target) => !tried.has(target)).length
        const ending = await endingOf(askInFormat(call, current.call, next))
        if ('reply' in ending && ending.reply.failure === undefined) {
          if (current.target === firstChoice) {
            if (stickiness.cameBack(call)) {
              tell(call, { type: 'fallback-ended', to: endpointName(call) })
            }
          } else if (ownFault !== undefined && isLasting(ownFault.name)) {
            stickiness.tookOver(call, current.target, ownFault)
          }
          return ending.reply
        }

        const verdict = context.verdict ?? context.judge(current.call, outcomeOf(ending))
        const { fault } = verdict
        const isOwn = current === own && !isRefusal(fault)
        if (current === own) ownFault = fault
        if (first === undefined || isRefusal(first.verdict.fault) || isOwn) {
          first = { ...ending, verdict }
        }
        const over = call.signal.aborted || performance.now() >= context.deadlineAtMs
        const other = over ? undefined : nextChoice(own, tried, fault)
        if (other === undefined || !context.grantAttempt(mostTargets)) {
          context.verdict = first.verdict
          return handUp(first)
        }
        if ('reply' in ending) void ending.reply.cancel()
        taken(current, other, fault.name)
        current = other
      }
    } finally {
      if (seat === 'probe') stickiness.probed(call)
    }
  }
}

/** What the application asked for, among the targets. */
const firstChoice = 'first choice'

type Tried = FallbackTarget | typeof firstChoice

interface Choice {
  readonly call: LlmCall
  readonly target: Tried
}

function taken(from: Choice, to: Choice, reason: string): void {
  const event = { from: endpointName(from.call), to: endpointName(to.call), reason }
  tell(from.call, { type: 'fallback-taken', ...event })
}

/** The same target is the same object in every chain. */
function withoutDoubles({ to = [], chains = {} }: FallbackOptions): {
  readonly to: readonly FallbackTarget[]
  readonly chains: FallbackChains
} {
  const targets = new Map<string, FallbackTarget>()
  const same = (target: FallbackTarget): FallbackTarget => {
    const key = JSON.stringify({ ...target, format: target.format?.name })
    const known = targets.get(key)
    if (known === undefined) targets.set(key, target)
    return known ?? target
  }
  const chainsOf = Object.entries(chains).map(([reason, chain]) => [reason, chain.map(same)])
  return { to: to.map(same), chains: Object.fromEntries(chainsOf) as FallbackChains }
}
