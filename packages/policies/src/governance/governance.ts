import { compose } from '@holdfast/core'
import type { Approver, Interceptor, LlmCall, Next, ToolCall } from '@holdfast/core'
import type { LimitStore } from '@holdfast/core/limits'
import { Caps } from './caps/caps.ts'
import { confidence } from './confidence/confidence.ts'
import { counted } from './counted-call.ts'
import { Loops } from './loops/loops.ts'
import type { GovernanceOptions } from './options.ts'
import { observing } from '../observing.ts'
import type { Observer } from '../observing.ts'
import { RunTallies } from './run-tallies.ts'
import { sameRefusal } from './same-refusal.ts'
import { SpareTime } from './spare-time.ts'
import { validation } from './validation/validation.ts'

/** What governance needs of others. */
export interface GovernancePorts {
  /** Where spending is kept that processes share. @default this process's own */
  readonly store?: LimitStore | undefined
  /** Who is asked where a cap says `ask`, or an answer needs a person. */
  readonly approver?: Approver | undefined
  /** Milliseconds, as Date.now(). */
  readonly now?: () => number
}

/** The family, in the places that it has in the line. */
export interface Governance {
  /** Outside of the journal: counts, watches, refuses. */
  readonly llm: readonly Interceptor[]
  /** Inside of the journal and around reliability: reserves, and changes what is asked. A replayed call does not come here. */
  readonly live: readonly Interceptor[]
  /** Inside of reliability, around each attempt: settles what it took. */
  readonly attempt: readonly Interceptor[]
  /** Outside of the journal. */
  readonly tool: readonly Interceptor<ToolCall>[]
}

/** Caps, loops, validation and confidence, as far as the options ask for them. */
export function governance(
  options: GovernanceOptions = {},
  { store, approver, now = Date.now }: GovernancePorts = {},
): Governance {
  const { loops: loopOptions = {}, prices = {}, onEscalate } = options
  const list = listOf(options.caps)
  const spareTime = new SpareTime()
  const tallies = new RunTallies(prices, spareTime)
  const caps =
    list.length === 0
      ? undefined
      : new Caps(list, options, { store, approver, tallies, spareTime, now })
  const loops =
    loopOptions === false ? undefined : new Loops(loopOptions, { tallies, spareTime, onEscalate })
  const rules = listOf(options.validation)
  const scores = options.confidence ?? false
  // What they tell a person is counted only where somebody would hear it.
  const escalates = onEscalate !== undefined && (loops !== undefined || scores !== false)
  const refuses =
    caps !== undefined ||
    loops?.tool !== undefined ||
    rules.length > 0 ||
    (scores !== false && scores.ask === true)
  const outside: Observer[] = [
    ...(refuses ? [sameRefusal()] : []),
    ...(loops === undefined ? [] : [loops.llm]),
  ]
  const asksAgain: Interceptor[] = [
    ...(scores === false ? [] : [confidence(scores, { tallies, approver, onEscalate })]),
    ...(rules.length === 0 ? [] : [validation(rules)]),
  ]
  // Inside of who asks again: each answer counts.
  const inside = caps !== undefined || escalates ? [counted(tallies, caps)] : []
  return {
    llm:
      asksAgain.length === 0
        ? together([...outside, ...inside])
        : [...together(outside), ...asksAgain, ...together(inside)],
    live: [
      ...(loops?.live === undefined ? [] : [loops.live]),
      ...(caps === undefined ? [] : [caps.live]),
    ],
    attempt: caps === undefined ? [] : [caps.attempt],
    tool: [
      ...(loops?.tool === undefined ? [] : [loops.tool]),
      ...(caps === undefined ? [] : [toolCounted(tallies, caps)]),
    ],
  }
}

/** Puts a family around a call's innermost step, without anything between its places; for tests and hand-made lines. */
export function aroundCall({ llm, live, attempt }: Governance): Interceptor {
  const all = [...llm, ...live, ...attempt]
  return (call: LlmCall, next: Next) => compose(all, next)(call)
}

function listOf<T extends object>(given: undefined | false | T | readonly T[]): readonly T[] {
  if (given === undefined || given === false) return []
  return Array.isArray(given) ? (given as readonly T[]) : [given as T]
}

function together(observers: readonly Observer[]): readonly Interceptor[] {
  return observers.length === 0 ? [] : [observing(observers)]
}

/** A tool call that the journal answers was counted when it ran. */
function toolCounted(tallies: RunTallies, caps: Caps): Interceptor<ToolCall> {
  return function toolCounted(call, next) {
    const counted: ToolCall = Object.freeze({
      ...call,
      async beforeEffect() {
        await call.beforeEffect?.()
        await caps.beforeTool(call)
        tallies.toolCalled(call.run)
      },
    })
    return next(counted)
  }
}
