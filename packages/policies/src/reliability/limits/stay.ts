import { watchReply } from '@holdfast/core'
import type { LlmReply, Usage } from '@holdfast/core'
import type { Settlement } from '@holdfast/core/limits'
import type { CallContext, Verdict } from '../call-context.ts'
import { microUsdOf, tokensOf } from './claims.ts'
import type { Claims } from './claims.ts'
import type { LimitDesk } from './limit-gate.ts'

/** What a request was admitted with. */
interface Admitted {
  readonly id: string
  readonly leaseMs: number
  readonly claims: Claims
  readonly desk: LimitDesk
  /** The circuit that it tries, if it does. */
  readonly probe: string | undefined
}

/** What is known of a request's tokens when it is over: all, nothing (then it took what was reserved), or that it took none. */
type Taken = Usage | 'unknown' | 'none'

/** One request from its admission to its settlement. */
export class Stay {
  readonly #admitted: Admitted
  #release: (() => void) | undefined
  #settled: (() => void) | undefined
  #over = false

  constructor(admitted: Admitted) {
    this.#admitted = admitted
  }

  /** False where there is nothing to hold and nothing to settle. */
  get needed(): boolean {
    return this.#settles || this.#admitted.probe !== undefined
  }

  /** `settled` is called when others may have what this one gave back. */
  begin({ endsAtMs }: CallContext, settled: () => void): void {
    const { id, leaseMs, claims, desk, probe } = this.#admitted
    const { slots, budgets } = claims
    this.#settled = settled
    if (slots.length === 0 && budgets.length === 0 && probe === undefined) return
    this.#release = desk.hold({
      id,
      leaseMs,
      slots,
      budgets,
      ...(probe === undefined ? {} : { circuit: probe }),
      endsAtMs,
      abandon: () => this.#end('unknown'),
    })
  }

  failed(verdict: Verdict | undefined): void {
    this.#end(verdict?.fault.possiblyBilled === false ? 'none' : 'unknown')
  }

  /** The same reply; what it reports is settled at its end. */
  watch(reply: LlmReply): LlmReply {
    let usage: Usage = {}
    return watchReply(reply, {
      frame({ events }) {
        for (const event of events) if (event.type === 'usage') usage = { ...usage, ...event.usage }
      },
      end: () => this.#end(tokensOf(usage) === 0 ? 'unknown' : usage),
      error: () => this.#end('unknown'),
      cancel: () => this.#end('unknown'),
    })
  }

  #end(taken: Taken): void {
    if (this.#over) return
    this.#over = true
    this.#release?.()
    if (!this.#settles) return
    const { desk } = this.#admitted
    desk.settle(this.#settlement(taken)).then(this.#settled, () => {})
  }

  get #settles(): boolean {
    const { rates, slots, budgets, tokenRates } = this.#admitted.claims
    return slots.length > 0 || budgets.length > 0 || rates.length > tokenRates
  }

  #settlement(taken: Taken): Settlement {
    const { id, claims } = this.#admitted
    const { rates, slots, budgets, tokenRates, budgetUnits, price } = claims
    const used = (unit: 'tokens' | 'usd', otherwise: number): number => {
      if (taken === 'unknown') return otherwise
      if (taken === 'none') return 0
      return unit === 'usd' && price !== undefined ? microUsdOf(taken, price) : tokensOf(taken)
    }
    return {
      id,
      slots,
      rates: rates
        .slice(tokenRates)
        .map((claim) => ({ ...claim, used: used('tokens', claim.cost) })),
      budgets: budgets.map((claim, index) => ({
        ...claim,
        used: used(budgetUnits[index] ?? 'tokens', claim.amount),
      })),
    }
  }
}
