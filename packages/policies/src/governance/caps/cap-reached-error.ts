import { HoldfastError } from '@holdfast/core'
import type { CapName, CapScope } from './options.ts'

/** What a run had when it was stopped. The journal has the rest. */
export interface PartialRun {
  /** The last text that its model wrote, at most 4,096 characters. */
  readonly text: string
  /** Model calls, those that the journal answered included. */
  readonly calls: number
  readonly toolCalls: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** Undefined where no price is known for one of its models. */
  readonly costUsd: number | undefined
}

/** What a cap was reached with. */
export interface CapReachedFacts {
  readonly cap: CapName
  readonly per: CapScope
  readonly runId: string | undefined
  /** In the unit of the option: dollars, tokens, calls, milliseconds. */
  readonly limit: number
  /** Spent, and reserved by calls under way; of what this process knows. */
  readonly spent: number
  /** What the refused call would have taken at most. */
  readonly asked: number
  readonly retryAt?: Date
  readonly partial: PartialRun
  /** Why somebody said no, where somebody was asked. */
  readonly denied?: string
}

/** A run, session, user … has used up what it may: which cap, how much of it, and what there is so far. */
export class CapReachedError extends HoldfastError {
  readonly cap: CapName
  readonly per: CapScope
  readonly runId: string | undefined
  readonly limit: number
  readonly spent: number
  readonly asked: number
  readonly #partial: PartialRun

  constructor(facts: CapReachedFacts) {
    const { cap, per, runId, limit, spent, asked, retryAt, denied } = facts
    const until = retryAt === undefined ? '' : `; it starts anew at ${retryAt.toISOString()}`
    const why = denied === undefined ? '' : `; raising it was denied: ${denied}`
    super(
      'CAP_REACHED',
      `governance.caps: ${cap} ${limit} per ${per} is reached: ${spent} are spent or reserved, the call may take ${asked}${until}${why}`,
      retryAt === undefined ? {} : { retryAt },
    )
    this.cap = cap
    this.per = per
    this.runId = runId
    this.limit = limit
    this.spent = spent
    this.asked = asked
    this.#partial = facts.partial
  }

  /** What there is so far. No property of its own, so that logging the error does not log the answer. */
  get partial(): PartialRun {
    return this.#partial
  }
}

/** The cap behind what an application caught: the error itself, or one of its causes. Undefined where there is none. */
export function capReachedOf(error: unknown): CapReachedError | undefined {
  let current = error
  for (let depth = 0; depth < 8 && current instanceof Error; depth++) {
    if (HoldfastError.is(current) && current.code === 'CAP_REACHED') {
      return current as CapReachedError
    }
    current = current.cause
  }
  return undefined
}
