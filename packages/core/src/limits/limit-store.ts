/**
 * State of limits, shared by all who use the same store: circuits, rates, slots and budgets.
 * Keys are the caller's; time is the store's own, so that clocks of different machines do not matter.
 */
export interface LimitStore {
  /** `memory`, `sqlite`, `redis`. */
  readonly name: string
  /** Whether other processes see the same state. */
  readonly shared: boolean
  /**
   * Asks for all that one request upstream takes; it gets all of it or nothing. One round trip; answered at once where
   * the state is at hand.
   */
  admit(request: AdmissionRequest): Admission | Promise<Admission>
  /**
   * Says what admitted requests really took, and gives back the rest. A batch is counted once: whoever does not know
   * whether it got there sends it again under the same name. One without a name is sent once only. Undefined where it
   * is done at once.
   */
  settle(batch: string | undefined, settlements: readonly Settlement[]): Promise<void> | undefined
  /** Keeps what requests hold for another lease: slots, reservations, the probe. */
  renew(holdings: readonly Holding[]): Promise<void>
  /** A request of this circuit failed, or a probe came to nothing. Resolves to true when that opened the circuit. */
  circuitFailed(key: string, id: string, rules: CircuitRules): Promise<boolean>
  /** A request of this circuit was answered. */
  circuitSucceeded(key: string, id: string): Promise<void>
  /** Resolves when the store answers; to false where it was closed and never will. */
  ping(): Promise<boolean>
  /** Ends it when what was asked before is done. */
  close(): Promise<void>
}

/** What one request upstream would take. */
export interface AdmissionRequest {
  /** Names the request, uniquely. */
  readonly id: string
  /** How long its slots, its reservations and its probe hold unless they are renewed: so long a dead process blocks others. */
  readonly leaseMs: number
  readonly circuit?: string | undefined
  readonly rates?: readonly RateClaim[]
  readonly slots?: readonly SlotClaim[]
  readonly budgets?: readonly BudgetClaim[]
}

/** Some of a rate: the generic cell rate algorithm, so that room comes back bit by bit and not at full minutes. */
export interface RateClaim {
  readonly key: string
  /** So much per period, evenly. */
  readonly limit: number
  readonly periodMs: number
  /** So much at once after a pause. A cost above it waits for all of it, and is paid off afterwards. */
  readonly burst: number
  readonly cost: number
}

/** One of a number of places. */
export interface SlotClaim {
  readonly key: string
  readonly max: number
}

/** A part of a budget, reserved before and settled after. */
export interface BudgetClaim {
  readonly key: string
  /** In whole units: tokens, millionths of a dollar. */
  readonly limit: number
  /** What the request costs at most, in the same unit. */
  readonly amount: number
  /** The budget starts anew at every multiple of this since 1970; never where it is undefined. */
  readonly periodMs?: number
  /** How long one without a period is remembered after its last use. @default for ever */
  readonly keepMs?: number
}

/** What a store says to a request. */
export type Admission =
  | {
      readonly admitted: true
      /** The request is the one that tries an open circuit. */
      readonly probe: boolean
      /** Failures in a row of its circuit, of all processes. */
      readonly failures: number
    }
  | Refusal

/** Why a request may not go out now. */
export interface Refusal {
  readonly admitted: false
  readonly by: 'circuit' | 'rate' | 'concurrency' | 'budget'
  readonly key: string
  /** When asking again makes sense; Infinity where time alone does not help. For slots: at the latest. */
  readonly retryInMs: number
  /** Of a budget: spent and reserved. */
  readonly spent?: number
}

/** What an admitted request really took. */
export interface Settlement {
  readonly id: string
  readonly rates?: readonly (RateClaim & { readonly used: number })[]
  readonly slots?: readonly SlotClaim[]
  readonly budgets?: readonly (BudgetClaim & { readonly used: number })[]
}

/** What an admitted request holds while it is under way. */
export type Holding = Pick<AdmissionRequest, 'id' | 'leaseMs' | 'circuit' | 'slots' | 'budgets'>

/** When a circuit opens, and for how long. */
export interface CircuitRules {
  /** Failures in a row that open it. */
  readonly failures: number
  /** How long it stays open before one request may try; doubles each time that fails. */
  readonly openMs: number
  readonly maxOpenMs: number
}
