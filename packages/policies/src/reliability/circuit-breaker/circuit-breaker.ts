import type { Interceptor, LlmCall } from '@holdfast/core'
import { attemptStep } from '../attempt.ts'
import { interceptorOf, noLimits, tell } from '../call-context.ts'
import type { CallContext, Step, Verdict } from '../call-context.ts'
import { endpointName } from '../endpoint-name.ts'
import { FaultError } from '../faults/fault-error.ts'
import { credentialOf } from '../credential.ts'
import { Circuit } from './circuit.ts'
import type { CircuitBreakerOptions } from './circuit.ts'
import { SharedCircuit, SharedVisit } from './shared-circuit.ts'
import { OwnVisit } from './visit.ts'
import type { CircuitVisit } from './visit.ts'

/**
 * Leaves a provider alone that keeps failing: one circuit per provider, host and model.
 *
 * Sees: what attempts came to, also when a reply breaks later on. Only what the decision table says counts:
 * wrong requests, filters, rate limits and aborts never open a circuit.
 * @throws HoldfastError CIRCUIT_OPEN while the circuit is open
 */
export function circuitBreaker(options: CircuitBreakerOptions = {}): Interceptor {
  const steps = [circuitBreakerStep(options), attemptStep({ silent: true })]
  return interceptorOf('circuitBreaker', steps, noLimits)
}

/**
 * The circuit breaker as a layer of the family. A shared one leaves the question whether a request may pass to the
 * limits further in, which ask their store for everything at once.
 */
export function circuitBreakerStep(
  options: CircuitBreakerOptions = {},
  { shared = false }: { readonly shared?: boolean } = {},
): Step {
  const endpoints = new Map<string, Endpoint>()
  let last: Endpoint | undefined

  function endpointOf(call: LlmCall): Endpoint {
    // Most calls go where the one before went: comparing is cheaper than putting a name together.
    if (last?.isOf(call) === true) return last
    const name = endpointName(call)
    let endpoint = endpoints.get(name)
    if (endpoint === undefined) {
      endpoint = new Endpoint(
        name,
        call,
        shared ? new SharedCircuit(name, options) : new Circuit(options),
      )
      endpoints.set(name, endpoint)
    }
    last = endpoint
    return endpoint
  }

  return async function circuitBreaker(call, next, context) {
    const endpoint = endpointOf(call)
    const visit = endpoint.enter(call, context)
    context.counted = (verdict) => void endpoint.count(call, context, verdict, visit)
    let reply
    try {
      reply = await next(call)
    } catch (error) {
      await endpoint.count(call, context, context.verdict, visit)
      throw error
    }
    if (reply.failure !== undefined) await endpoint.count(call, context, context.verdict, visit)
    // A stream has succeeded at its end; a probe cannot wait so long, its first content is enough.
    else if (visit.probe || !context.begun || !reply.streaming) visit.succeeded()
    else context.finished = () => visit.succeeded()
    return reply
  }
}

/** One provider, host and model: its circuit, and until when it asked to be left alone. */
class Endpoint {
  readonly name: string
  readonly #circuit: Circuit | SharedCircuit
  readonly #provider: string
  readonly #host: string
  readonly #model: string
  /** By credential: one account's rate limit is not another's. */
  #waits: Map<string, number> | undefined

  constructor(name: string, { provider, host, model }: LlmCall, circuit: Circuit | SharedCircuit) {
    this.name = name
    this.#circuit = circuit
    this.#provider = provider
    this.#host = host
    this.#model = model
  }

  isOf({ provider, host, model }: LlmCall): boolean {
    return this.#model === model && this.#host === host && this.#provider === provider
  }

  /** Lets a request in, or refuses it. */
  enter(call: LlmCall, context: CallContext): CircuitVisit {
    if (this.#waits !== undefined) {
      const leftMs = (this.#waits.get(credentialOf(call.http)) ?? 0) - Date.now()
      if (leftMs > 0) this.#refuse(call, context, leftMs, 'asked to be left alone')
    }
    if (this.#circuit instanceof SharedCircuit) {
      const refuse = (ms: number): never => this.#refuse(call, context, ms, 'keeps failing')
      return (context.circuit = new SharedVisit(this.#circuit, refuse))
    }
    const admission = this.#circuit.admit()
    if (!admission.admitted) this.#refuse(call, context, admission.retryInMs, 'keeps failing')
    return new OwnVisit(this.#circuit, admission.admitted && admission.probe)
  }

  /** Counts what an attempt came to as the decision table says. */
  async count(
    call: LlmCall,
    { maxDelayMs }: CallContext,
    verdict: Verdict | undefined,
    visit: CircuitVisit,
  ): Promise<void> {
    switch (verdict?.fault.breaker) {
      case 'failure':
        if (await visit.failed()) {
          tell(call, { type: 'circuit-opened', circuit: this.name })
        }
        return
      case 'alive':
      case 'config':
        visit.succeeded()
        return
      case 'wait':
        visit.succeeded()
        this.#wait(call, verdict.failure.retryAfterMs ?? 0, maxDelayMs)
        return
      default:
        // A probe that says nothing leaves the circuit open; anything else leaves it as it is.
        if (visit.probe) await visit.failed()
    }
  }

  #wait(call: LlmCall, waitMs: number, maxDelayMs: number): void {
    // Too long for the deadline of this call alone: others may have the time.
    if (waitMs <= maxDelayMs) return
    const waits = (this.#waits ??= new Map())
    // Rows of credentials that may ask again are dropped as new ones come, so the map stays small.
    for (const [credential, untilMs] of waits) if (untilMs <= Date.now()) waits.delete(credential)
    waits.set(credentialOf(call.http), Date.now() + waitMs)
    tell(call, { type: 'circuit-opened', circuit: this.name })
  }

  #refuse(call: LlmCall, context: CallContext, retryInMs: number, why: string): never {
    tell(call, { type: 'circuit-refused', circuit: this.name, retryInMs })
    const retryAt = new Date(Date.now() + retryInMs)
    const error = new FaultError(
      'CIRCUIT_OPEN',
      'circuit-open',
      `${this.name} ${why}; next try in ${Math.ceil(retryInMs / 1000)} s, at ${retryAt.toISOString()}`,
      { retryAt },
    )
    context.judge(call, { error })
    throw error
  }
}
