import { createRequire } from 'node:module'
import type { CircuitRules } from '@holdfast/core/limits'
import type { IBreaker } from 'cockatiel'
import type { LimitDesk } from '../limits/limit-gate.ts'
import type { CircuitBreakerOptions } from './circuit.ts'
import type { CircuitVisit } from './visit.ts'

const require = createRequire(import.meta.url)

/** Where a request was let in, as whom, and whether it tries an open circuit. */
interface Entry {
  readonly id: string
  readonly probe: boolean
  readonly desk: LimitDesk
}

/**
 * A circuit that many processes share: failures in a row are counted in the store, for all of them together, and it is
 * open for all at once. A share of failures is counted by each process for itself, to spare a trip for each success.
 */
export class SharedCircuit {
  readonly key: string
  readonly #rules: CircuitRules
  readonly #sampling: ShareOfFailures | undefined
  /** Failures in a row, as far as this process knows. */
  #failures = 0

  constructor(
    key: string,
    { failures = 5, sampling, openMs = 30_000, maxOpenMs = 300_000 }: CircuitBreakerOptions,
  ) {
    this.key = key
    this.#rules = { failures, openMs, maxOpenMs }
    this.#sampling = sampling === undefined ? undefined : new ShareOfFailures(sampling)
  }

  seen(failures: number): void {
    this.#failures = failures
  }

  succeeded({ id, probe, desk }: Entry): void {
    this.#sampling?.succeeded()
    // Good requests cost no trip while nothing fails.
    if (this.#failures === 0 && !probe) return
    this.#failures = 0
    desk.circuitSucceeded(this.key, id)
  }

  failed({ id, probe, desk }: Entry): Promise<boolean> {
    this.#failures++
    if (this.#sampling === undefined || probe) return desk.circuitFailed(this.key, id, this.#rules)
    if (!this.#sampling.failed()) return Promise.resolve(false)
    return desk.circuitFailed(this.key, id, { ...this.#rules, failures: 1 })
  }
}

/** One request behind a shared circuit. */
export class SharedVisit implements CircuitVisit {
  /** Refuses the request: the circuit is open. */
  readonly refuse: (retryInMs: number) => never
  readonly #circuit: SharedCircuit
  #entry: Entry | undefined

  constructor(circuit: SharedCircuit, refuse: (retryInMs: number) => never) {
    this.#circuit = circuit
    this.refuse = refuse
  }

  get key(): string {
    return this.#circuit.key
  }

  get probe(): boolean {
    return this.#entry?.probe ?? false
  }

  admitted(entry: Entry, failures: number): void {
    this.#entry = entry
    this.#circuit.seen(failures)
  }

  succeeded(): void {
    const entry = this.#tried()
    if (entry !== undefined) this.#circuit.succeeded(entry)
  }

  failed(): Promise<boolean> {
    const entry = this.#tried()
    return entry === undefined ? Promise.resolve(false) : this.#circuit.failed(entry)
  }

  /** A probe is one until it has told how it ended: what breaks later counts as any other request. */
  #tried(): Entry | undefined {
    const entry = this.#entry
    if (entry?.probe === true) this.#entry = { ...entry, probe: false }
    return entry
  }
}

/** The share of failures of this process's own requests, counted by cockatiel. */
class ShareOfFailures {
  readonly #breaker: IBreaker
  readonly #closed: import('cockatiel').CircuitState

  constructor({
    failureShare,
    windowMs,
    requestsPerSecond,
  }: NonNullable<CircuitBreakerOptions['sampling']>) {
    const { CircuitState, SamplingBreaker } = require('cockatiel') as typeof import('cockatiel')
    this.#closed = CircuitState.Closed
    this.#breaker = new SamplingBreaker({
      threshold: failureShare,
      duration: windowMs,
      ...(requestsPerSecond === undefined ? {} : { minimumRps: requestsPerSecond }),
    })
  }

  succeeded(): void {
    this.#breaker.success(this.#closed)
  }

  /** True when too many fail. */
  failed(): boolean {
    return this.#breaker.failure(this.#closed)
  }
}
