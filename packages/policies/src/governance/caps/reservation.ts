import type { Usage } from '@holdfast/core'
import type { BudgetClaim, Settlement } from '@holdfast/core/limits'
import { microUsdOf, tokensOf } from '../../reliability/limits/claims.ts'
import type { LimitDesk } from '../../reliability/limits/limit-gate.ts'
import type { TokenPrice } from '../../reliability/limits/options.ts'
import type { CapLine } from './cap-lines.ts'

/** What is known of what a request took: all, nothing (then it took what was reserved), or that it took none. */
export type Taken = Usage | 'unknown' | 'none'

/** A part of a cap that a call has reserved. */
export interface CapClaim extends BudgetClaim {
  readonly line: CapLine
}

/** What was reserved for one request, until it is settled. */
export class Reservation {
  readonly id: string
  readonly claims: readonly CapClaim[]
  readonly #desk: LimitDesk | undefined
  #over = false

  constructor(id: string, claims: readonly CapClaim[], desk: LimitDesk | undefined) {
    this.id = id
    this.claims = claims
    this.#desk = desk
  }

  /** True where the request took more than was reserved: that counts at once. */
  isExceededBy(taken: Taken, price: TokenPrice | undefined): boolean {
    return this.claims.some((claim) => usedOf(claim, taken, price) > claim.amount)
  }

  /** Says what the request took, once. */
  settle(taken: Taken, price: TokenPrice | undefined): void {
    if (this.#over || this.#desk === undefined) return
    this.#over = true
    const budgets = this.claims.map((claim) => ({ ...claim, used: usedOf(claim, taken, price) }))
    void this.#desk.settle({ id: this.id, budgets } satisfies Settlement)
  }
}

function usedOf({ line, amount }: CapClaim, taken: Taken, price: TokenPrice | undefined): number {
  // Calls are counted whatever came of them.
  if (!line.isSpent || taken === 'unknown') return amount
  if (taken === 'none') return 0
  switch (line.name) {
    case 'maxInputTokens':
      return taken.inputTokens ?? 0
    case 'maxOutputTokens':
      return taken.outputTokens ?? 0
    case 'maxUsd':
      return price === undefined ? amount : microUsdOf(taken, price)
    default:
      return tokensOf(taken)
  }
}
