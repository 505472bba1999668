import { createRequire } from 'node:module'
import { HoldfastError } from '@holdfast/core'
import type {
  Admission,
  AdmissionRequest,
  BudgetClaim,
  CircuitRules,
  LimitStore,
  RateClaim,
  Settlement,
  SlotClaim,
} from '@holdfast/core/limits'
import { HeldLeases } from './held-leases.ts'
import { SettlementQueue } from './settlement-queue.ts'
import { NoAnswer, within } from './within.ts'

const require = createRequire(import.meta.url)

/** Where a request was admitted or refused, and where it says how it ended. */
export interface LimitDesk {
  /** Resolves when it is done, and is undefined where it is done at once; never rejects. */
  settle(settlement: Settlement): Promise<void> | undefined
  /** Who keeps what requests hold until they are over, where it would end by itself. */
  readonly leases: HeldLeases | undefined
  circuitFailed(key: string, id: string, rules: CircuitRules): Promise<boolean>
  circuitSucceeded(key: string, id: string): void
}

/** What a request asks for, and how. */
export interface GateRequest extends AdmissionRequest {
  readonly rates: readonly RateClaim[]
  readonly slots: readonly SlotClaim[]
  readonly budgets: readonly BudgetClaim[]
  /** Made longer where nothing else ends what the request holds. */
  leaseMs: number
  /** It may not go on with this process's own state. */
  readonly closed: boolean
  /** When it ends at the latest, performance.now() milliseconds. */
  readonly endsAtMs: number
}

/** What the gate says, and where to say how it ended. */
export interface GateAnswer {
  readonly admission: Admission
  readonly desk: LimitDesk
}

/** The way to limits, of this process or of many. */
export interface LimitGate {
  readonly shared: boolean
  /**
   * Asks for what a request takes.
   * @throws HoldfastError STORE_UNREACHABLE for a closed one whose store does not answer
   */
  admit(request: GateRequest): GateAnswer | Promise<GateAnswer>
}

/** The gate to a store; to this process's own limits where there is none. */
export function limitGate(store: LimitStore = ownStore()): LimitGate {
  return store.shared ? new SharedGate(store) : new OwnGate(store)
}

function ownStore(): LimitStore {
  // Loaded here: who limits nothing does not pay for it.
  const { memoryLimitStore } =
    require('@holdfast/core/limits') as typeof import('@holdfast/core/limits')
  return memoryLimitStore()
}

/** The limits of this process. What a call holds it holds to its end: nobody else is there to die. */
class OwnGate implements LimitGate, LimitDesk {
  readonly shared = false
  readonly leases = undefined
  readonly #store: LimitStore

  constructor(store: LimitStore) {
    this.#store = store
  }

  admit(request: GateRequest): GateAnswer | Promise<GateAnswer> {
    const leftMs = request.endsAtMs - performance.now()
    request.leaseMs = Math.min(Math.max(leftMs, request.leaseMs), dayMs)
    const answer = this.#store.admit(request)
    return answer instanceof Promise
      ? answer.then((admission) => ({ admission, desk: this }))
      : { admission: answer, desk: this }
  }

  settle(settlement: Settlement): Promise<void> | undefined {
    return this.#store.settle(undefined, [settlement])?.catch(() => {})
  }

  circuitFailed(key: string, id: string, rules: CircuitRules): Promise<boolean> {
    return this.#store.circuitFailed(key, id, rules)
  }

  circuitSucceeded(key: string, id: string): void {
    void this.#store.circuitSucceeded(key, id)
  }
}

/**
 * Limits that many processes share. A store that is slow or gone holds no call up: within 50 ms the call goes on with
 * this process's own state, or is refused where it asks for something that fails closed. Once it has been silent for
 * half a second nobody asks it any more until it answers again; what was to be settled is kept for it.
 */
class SharedGate implements LimitGate, LimitDesk {
  readonly shared = true
  readonly leases: HeldLeases
  readonly #store: LimitStore
  readonly #queue: SettlementQueue
  readonly #open = new OpenCircuits()
  #own: OwnGate | undefined
  #answeredAtMs = performance.now()
  #away = false

  constructor(store: LimitStore) {
    this.#store = store
    this.#queue = new SettlementQueue(store, (error) => this.#failed(error))
    this.leases = new HeldLeases(store, (error) => this.#failed(error))
    // The first call shall not have to wait until there is a connection.
    setImmediate(() => store.ping().catch(() => {})).unref()
  }

  async admit(request: GateRequest): Promise<GateAnswer> {
    let cause: unknown
    if (!this.#away) {
      const answer = Promise.resolve(this.#store.admit(request))
      try {
        const admission = await within(request.closed ? closedPatienceMs : openPatienceMs, answer)
        this.#answeredAtMs = performance.now()
        this.#open.learn(request, admission)
        return { admission, desk: this }
      } catch (error) {
        cause = error
        this.#failed(error)
        this.#giveBack(request, answer)
      }
    }
    if (!request.closed) {
      const open = this.#away ? undefined : this.#open.refusalOf(request)
      return open === undefined ? this.#ownGate.admit(request) : { admission: open, desk: this }
    }
    throw new HoldfastError(
      'STORE_UNREACHABLE',
      `the ${this.#store.name} store of limits does not answer, and a limit of this call fails closed`,
      { retryable: true, ...(cause === undefined ? {} : { cause }) },
    )
  }

  settle(settlement: Settlement): Promise<void> {
    return this.#queue.add(settlement)
  }

  async circuitFailed(key: string, id: string, rules: CircuitRules): Promise<boolean> {
    if (!this.#away) {
      try {
        return await within(openPatienceMs, this.#store.circuitFailed(key, id, rules))
      } catch (error) {
        this.#failed(error)
        // It gets there late, and is counted there.
        if (!this.#away) return false
      }
    }
    return this.#ownGate.circuitFailed(key, id, rules)
  }

  circuitSucceeded(key: string, id: string): void {
    if (!this.#away) this.#store.circuitSucceeded(key, id).catch((error) => this.#failed(error))
  }

  /** Begins with what was known of the store's circuits: one that is open stays open. */
  get #ownGate(): OwnGate {
    if (this.#own === undefined) {
      this.#own = new OwnGate(ownStore())
      for (const [key, openMs] of this.#open.left()) {
        void this.#own.circuitFailed(key, '', { failures: 1, openMs, maxOpenMs: openMs })
      }
    }
    return this.#own
  }

  /** What a store grants after nobody waited for it any more. */
  #giveBack(request: AdmissionRequest, answer: Promise<Admission>): void {
    const { id, circuit, slots = [], budgets = [], rates = [] } = request
    answer.then(
      (admission) => {
        if (!admission.admitted) return
        // A try of the circuit that nobody makes is over at once: its lease would keep the others away.
        if (admission.probe) this.#store.renew([{ id, leaseMs: 0, circuit }]).catch(() => {})
        void this.settle({
          id,
          slots,
          rates: rates.map((claim) => ({ ...claim, used: 0 })),
          budgets: budgets.map((claim) => ({ ...claim, used: 0 })),
        })
      },
      () => {},
    )
  }

  /** A store that is slow for once is asked again by the next call; one that stays silent, or is gone, is left alone. */
  #failed(error: unknown): void {
    const silentMs = performance.now() - this.#answeredAtMs
    if (this.#away || (error instanceof NoAnswer && silentMs < silenceMs)) return
    this.#away = true
    this.#own = undefined
    this.#look()
  }

  /** Looks now and then whether the store is back. No process is kept alive for it. */
  #look(): void {
    setTimeout(() => {
      this.#store.ping().then(
        (open) => {
          if (!open) return
          this.#away = false
          this.#answeredAtMs = performance.now()
          // What this process did alone says nothing about all of them.
          this.#own = undefined
          void this.#queue.resend()
        },
        () => this.#look(),
      )
    }, lookEveryMs).unref()
  }
}

/** Which circuits were open when the store was last asked. */
class OpenCircuits {
  readonly #untilMs = new Map<string, number>()

  learn({ circuit }: AdmissionRequest, admission: Admission): void {
    if (circuit === undefined) return
    if (!admission.admitted && admission.by === 'circuit') {
      this.#untilMs.set(circuit, performance.now() + admission.retryInMs)
    } else if (admission.admitted && this.#untilMs.size > 0) this.#untilMs.delete(circuit)
  }

  /** While the store is slow for once: whoever asks it next may try the circuit. */
  refusalOf({ circuit }: AdmissionRequest): Admission | undefined {
    const untilMs = circuit === undefined ? undefined : this.#untilMs.get(circuit)
    if (circuit === undefined || untilMs === undefined) return undefined
    const retryInMs = Math.max(untilMs - performance.now(), 100)
    return { admitted: false, by: 'circuit', key: circuit, retryInMs }
  }

  left(): [key: string, openMs: number][] {
    const now = performance.now()
    const all = [...this.#untilMs].map(([key, untilMs]): [string, number] => [key, untilMs - now])
    return all.filter(([, openMs]) => openMs > 0)
  }
}

/** Longest wait of a call that may go on without the store: with what a busy process adds, it stays below 50 ms. */
const openPatienceMs = 40
/** Longest wait of one that may not: opening a first connection takes more than one trip. */
const closedPatienceMs = 1_000
/** For so long a store may be silent before calls stop asking it. */
const silenceMs = 500
const lookEveryMs = 250
const dayMs = 86_400_000
