import { watchReply } from '@holdfast/core'
import type { LlmReply, Usage } from '@holdfast/core'
import type { BudgetClaim, RateClaim, Settlement, SlotClaim } from '@holdfast/core/limits'
import type { CallContext, Verdict } from '../call-context.ts'
import { CommittedReply } from '../commit/committed-reply.ts'
import { microUsdOf, tokensOf } from './claims.ts'
import type { Claims } from './claims.ts'
import type { Held } from './held-leases.ts'
import type { GateRequest, LimitDesk } from './limit-gate.ts'
import type { WaitingLines } from './waiting-lines.ts'

/** What all stays of an application have in common. */
export interface StaySettings {
  readonly leaseMs: number
  /** Something that it asks for fails closed. */
  readonly closed: boolean
}

/** One request from its admission to its settlement. */
export class Stay implements GateRequest, Held {
  readonly id: string
  leaseMs: number
  readonly endsAtMs: number
  readonly closed: boolean
  /** Before its admission the shared circuit that it asks for, afterwards the one that it tries, if it does. */
  circuit: string | undefined
  readonly rates: readonly RateClaim[]
  readonly slots: readonly SlotClaim[]
  readonly budgets: readonly BudgetClaim[]
  /** True where there is something to say at its end. */
  readonly settles: boolean
  readonly #claims: Claims
  #desk: LimitDesk | undefined
  #lines: WaitingLines | undefined

  constructor(
    id: string,
    claims: Claims,
    { leaseMs, closed }: StaySettings,
    { endsAtMs, circuit }: CallContext,
  ) {
    this.id = id
    this.leaseMs = leaseMs
    this.endsAtMs = endsAtMs
    this.closed = closed
    this.circuit = circuit?.key
    this.rates = claims.rates
    this.slots = claims.slots
    this.budgets = claims.budgets
    this.settles =
      claims.slots.length > 0 || claims.budgets.length > 0 || claims.tokenRate !== undefined
    this.#claims = claims
  }

  /** It was let in; `lines` has those of this process who wait for what it gives back. */
  begin(probe: boolean, desk: LimitDesk, lines: WaitingLines | undefined): void {
    if (!probe) this.circuit = undefined
    this.#desk = desk
    this.#lines = lines
    if (probe || this.slots.length > 0 || this.budgets.length > 0) desk.leases?.add(this)
  }

  failed(verdict: Verdict | undefined): void {
    this.#end(verdict?.fault.possiblyBilled === false ? nothing : undefined)
  }

  /** The reply, handed up; what it reports is settled at its end. */
  through(reply: LlmReply): LlmReply {
    if (reply instanceof CommittedReply) {
      reply.tellEnd(this)
      return reply
    }
    // Nobody has read its events: that is left to do.
    let usage: Usage = {}
    return watchReply(reply, {
      frame({ events }) {
        for (const event of events) if (event.type === 'usage') usage = { ...usage, ...event.usage }
      },
      end: () => this.ended(usage),
      error: () => this.abandon(),
      cancel: () => this.abandon(),
    })
  }

  /** The reply is over; undefined where nobody knows what it took. */
  ended(usage: Usage | undefined): void {
    // Nobody answers for nothing: such a reply has just not said what it took.
    this.#end(usage !== undefined && tokensOf(usage) > 0 ? usage : undefined)
  }

  abandon(): void {
    this.#end(undefined)
  }

  /** Once only. Whoever's usage is not known took what was reserved. */
  #end(usage: Usage | undefined): void {
    const desk = this.#desk
    if (desk === undefined) return
    this.#desk = undefined
    desk.leases?.delete(this)
    if (!this.settles) return
    const telling = desk.settle(this.#settlement(usage))
    if (this.#lines === undefined) return
    if (telling === undefined) this.#nudge()
    else void telling.then(() => this.#nudge())
  }

  #nudge(): void {
    for (const { key } of this.slots) this.#lines?.nudge(key)
  }

  #settlement(usage: Usage | undefined): Settlement {
    const { id, slots } = this
    const { tokenRate, budgets, budgetUnits, price } = this.#claims
    const tokens = usage && tokensOf(usage)
    const rates = tokenRate && [{ ...tokenRate, used: tokens ?? tokenRate.cost }]
    if (budgets.length === 0) return { id, slots, rates: rates ?? [] }
    const usd = usage && price && microUsdOf(usage, price)
    const used = budgets.map((claim, index) => ({
      ...claim,
      used: (budgetUnits[index] === 'usd' ? usd : tokens) ?? claim.amount,
    }))
    return { id, slots, rates: rates ?? [], budgets: used }
  }
}

const nothing: Usage = {}
