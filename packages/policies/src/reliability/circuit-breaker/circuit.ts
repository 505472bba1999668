import { createRequire } from 'node:module'
import type {
  CircuitBreakerPolicy,
  CircuitState,
  IBackoff,
  IBackoffFactory,
  IBreaker,
} from 'cockatiel'

const require = createRequire(import.meta.url)

/** When a circuit opens, and for how long. */
export interface CircuitBreakerOptions {
  /** Failures in a row that open a circuit. @default 5 */
  readonly failures?: number
  /** Opens by the share of failures instead. */
  readonly sampling?: SamplingOptions
  /** How long a circuit stays open before one request may try; doubles each time that fails. @default 30_000 */
  readonly openMs?: number
  /** Longest time between two tries. @default 300_000 */
  readonly maxOpenMs?: number
}

/** Share of failures that opens a circuit. */
export interface SamplingOptions {
  /** More than this share of the requests failed: a number between 0 and 1. */
  readonly failureShare: number
  /** Over so long. */
  readonly windowMs: number
  /** And there were at least so many. */
  readonly requestsPerSecond?: number
}

/** What a circuit says to a request. */
export type Admission =
  | { readonly admitted: true; readonly probe: boolean }
  | { readonly admitted: false; readonly retryInMs: number }

/** The circuit of one provider, host and model. Good requests cost it nothing until the first one fails. */
export class Circuit {
  readonly #options: CircuitBreakerOptions
  #states: CircuitStates | undefined

  constructor(options: CircuitBreakerOptions) {
    this.#options = options
    // A share of failures cannot be told without the good ones.
    if (options.sampling !== undefined) this.#states = new CircuitStates(options)
  }

  /** True while requests go through as if there were no circuit. */
  get closed(): boolean {
    return this.#states?.closed ?? true
  }

  /** Asks for one request. Whoever is admitted must tell how it ended. */
  admit(): Admission {
    return this.#states?.admit() ?? admitted
  }

  /** A request was answered. */
  succeeded(isProbe: boolean): void {
    this.#states?.succeeded(isProbe)
  }

  /** A request failed, or a probe came to nothing. Resolves to true when that opened the circuit. */
  failed(isProbe: boolean): Promise<boolean> {
    this.#states ??= new CircuitStates(this.#options)
    return this.#states.failed(isProbe)
  }
}

/** The states of a circuit are cockatiel's, which is loaded when something fails for the first time. */
class CircuitStates {
  readonly #breaker: IBreaker
  readonly #policy: CircuitBreakerPolicy
  readonly #backoff: DoublingBackoff
  readonly #closed: CircuitState
  readonly #open: CircuitState
  #openedAtMs = 0
  /** Ends the probe that cockatiel is waiting for. */
  #endProbe: ((failed: boolean) => void) | undefined

  constructor({
    failures = 5,
    sampling,
    openMs = 30_000,
    maxOpenMs = 300_000,
  }: CircuitBreakerOptions) {
    const cockatiel = require('cockatiel') as typeof import('cockatiel')
    const { CircuitState, ConsecutiveBreaker, SamplingBreaker } = cockatiel
    this.#closed = CircuitState.Closed
    this.#open = CircuitState.Open
    this.#breaker =
      sampling === undefined
        ? new ConsecutiveBreaker(failures)
        : new SamplingBreaker({
            threshold: sampling.failureShare,
            duration: sampling.windowMs,
            ...(sampling.requestsPerSecond === undefined
              ? {}
              : { minimumRps: sampling.requestsPerSecond }),
          })
    this.#backoff = new DoublingBackoff(openMs, maxOpenMs)
    this.#policy = cockatiel.circuitBreaker(
      cockatiel.handleWhenResult((failed) => failed === true),
      { breaker: this.#breaker, halfOpenAfter: this.#backoff },
    )
    this.#policy.onBreak(() => (this.#openedAtMs = Date.now()))
  }

  get closed(): boolean {
    return this.#policy.state === this.#closed
  }

  admit(): Admission {
    switch (this.#policy.state) {
      case this.#closed:
        return admitted
      case this.#open: {
        const leftMs = this.#openedAtMs + this.#backoff.currentMs - Date.now()
        if (leftMs > 0) return { admitted: false, retryInMs: leftMs }
        this.#startProbe()
        return probe
      }
      default:
        // One request tries; nobody queues behind it.
        return { admitted: false, retryInMs: 1000 }
    }
  }

  succeeded(isProbe: boolean): void {
    if (isProbe) this.#endProbe?.(false)
    else if (this.closed) this.#breaker.success(this.#closed)
  }

  async failed(isProbe: boolean): Promise<boolean> {
    if (isProbe) {
      this.#endProbe?.(true)
      return false
    }
    if (!this.closed) return false
    await this.#policy.execute(() => true)
    return !this.closed
  }

  #startProbe(): void {
    const ended = new Promise<boolean>((resolve) => (this.#endProbe = resolve))
    // Moves the state to half-open at once; how the probe ends decides where it goes from there.
    this.#policy.execute(() => ended).catch(() => {})
  }
}

const admitted: Admission = { admitted: true, probe: false }
const probe: Admission = { admitted: true, probe: true }

/** Doubles from one failed probe to the next, and tells how long it is now. */
class DoublingBackoff implements IBackoffFactory<unknown> {
  readonly #firstMs: number
  readonly #maxMs: number
  currentMs = 0

  constructor(firstMs: number, maxMs: number) {
    this.#firstMs = firstMs
    this.#maxMs = maxMs
  }

  next(): IBackoff<unknown> {
    return this.#step(this.#firstMs)
  }

  #step(ms: number): IBackoff<unknown> {
    const duration = Math.min(ms, this.#maxMs)
    this.currentMs = duration
    return { duration, next: () => this.#step(duration * 2) }
  }
}
