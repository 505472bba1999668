import { randomBytes } from 'node:crypto'
import { HoldfastError } from '@holdfast/core'
import type { Interceptor, LlmCall, LlmReply } from '@holdfast/core'
import type { Admission, LimitStore, Refusal } from '@holdfast/core/limits'
import { attemptStep } from '../attempt.ts'
import { interceptorOf, noLimits, tell } from '../call-context.ts'
import type { CallContext, Inward, Step } from '../call-context.ts'
import { endpointName } from '../endpoint-name.ts'
import { FaultError } from '../faults/fault-error.ts'
import { ClaimMaker } from './claims.ts'
import { limitGate } from './limit-gate.ts'
import type { GateAnswer, LimitGate } from './limit-gate.ts'
import type { LimitsOptions } from './options.ts'
import { Stay } from './stay.ts'
import type { StaySettings } from './stay.ts'
import { WaitingLines } from './waiting-lines.ts'
import type { Place } from './waiting-lines.ts'

/**
 * Keeps calls within limits of one's own: rates, concurrency and budgets, of this process or, with a store, of many.
 *
 * Sees: each attempt before it goes out, and the usage that its reply reports.
 * Changes: nothing. A call waits for room, or is refused.
 * @throws HoldfastError LIMIT_REACHED where a rate or concurrency limit has no room in time
 * @throws HoldfastError BUDGET_SPENT where the most that the call can cost does not fit into what is left
 * @throws HoldfastError STORE_UNREACHABLE where a limit fails closed and the store does not answer
 */
export function limits(options: LimitsOptions, store?: LimitStore): Interceptor {
  const steps = [limitsStep(options, limitGate(store)), attemptStep({ silent: true })]
  return interceptorOf('limits', steps, noLimits)
}

/** The limits as a layer of the family. One question to the store asks for the circuit too, where that is shared. */
export function limitsStep(options: LimitsOptions, gate: LimitGate): Step {
  const limits = new Limits(options, gate)
  return (call, next, context) => limits.pass(call, next, context)
}

class Limits {
  readonly #gate: LimitGate
  readonly #claims: ClaimMaker
  readonly #onLimit: 'wait' | 'refuse'
  readonly #settings: StaySettings
  readonly #lines = new WaitingLines()
  readonly #names = `${randomBytes(9).toString('base64url')}-`
  #count = 0

  constructor(options: LimitsOptions, gate: LimitGate) {
    const { rateLimit = false, concurrency = false, budget = false, onLimit = 'wait' } = options
    this.#gate = gate
    this.#claims = new ClaimMaker(options)
    this.#onLimit = onLimit
    this.#settings = {
      closed:
        (rateLimit !== false && rateLimit.onStoreFailure === 'closed') ||
        (concurrency !== false && concurrency.onStoreFailure === 'closed') ||
        (budget !== false && budget.onStoreFailure !== 'open'),
      leaseMs: Math.min(
        (concurrency !== false && concurrency.leaseMs) || defaultLeaseMs,
        (budget !== false && budget.leaseMs) || defaultLeaseMs,
      ),
    }
  }

  async pass(call: LlmCall, next: Inward, context: CallContext): Promise<LlmReply> {
    const id = this.#names + ++this.#count
    const stay = new Stay(id, this.#claims.of(call), this.#settings, context)
    const waitedFor = this.#lines.waitedFor(stay)
    const first = waitedFor === undefined ? this.#gate.admit(stay) : undefined
    // Where there is room at hand and nobody waits, it goes in at once.
    const { admission, desk } =
      first === undefined || first instanceof Promise || !isIn(first)
        ? await this.#wait(call, context, stay, first, waitedFor)
        : first
    const { probe } = admission
    if (!probe && !stay.settles) return next(call)
    stay.begin(probe, desk, this.#gate.shared ? undefined : this.#lines)
    let reply
    try {
      reply = await next(call)
    } catch (error) {
      stay.failed(context.verdict)
      throw error
    }
    if (reply.failure === undefined) return stay.through(reply)
    stay.failed(context.verdict)
    return reply
  }

  /** Waits for room. Of those who wait for the same thing only the first asks again and again. */
  async #wait(
    call: LlmCall,
    context: CallContext,
    stay: Stay,
    first: GateAnswer | Promise<GateAnswer> | undefined,
    waitedFor: string | undefined,
  ): Promise<Entered> {
    let answer = first
    let key = waitedFor
    let place: Place | undefined
    let told = false
    try {
      // Whoever comes while others wait takes their turn.
      if (key !== undefined) {
        place = this.#lines.join(key)
        await turn(call, context, place, Infinity)
      }
      for (;;) {
        const { admission, desk } = await (answer ?? this.#gate.admit(stay))
        answer = undefined
        if (admission.admitted) {
          const { probe, failures } = admission
          context.circuit?.admitted({ id: stay.id, probe, desk }, failures)
          return { admission, desk }
        }
        if (admission.by === 'circuit') context.circuit?.refuse(admission.retryInMs)
        const inTime =
          admission.by === 'concurrency' ||
          performance.now() + admission.retryInMs < context.deadlineAtMs
        const waits = this.#onLimit === 'wait' && admission.by !== 'budget' && inTime
        if (!told || !waits) tellReached(call, admission, waits)
        told = true
        if (!waits) throw reached(call, admission)
        if (place === undefined || admission.key !== key) {
          place?.leave()
          key = admission.key
          place = this.#lines.join(key)
        }
        await turn(call, context, place, pauseMs(admission, this.#gate.shared))
      }
    } catch (error) {
      context.judge(call, { error })
      throw error
    } finally {
      place?.leave()
    }
  }
}

/** How a request was let in. */
interface Entered extends GateAnswer {
  readonly admission: Exclude<Admission, Refusal>
}

function isIn(answer: GateAnswer): answer is Entered {
  return answer.admission.admitted
}

const defaultLeaseMs = 30_000

/** Sleeps until it makes sense to ask: the first of a line for so long, the others until they are first. */
async function turn(
  call: LlmCall,
  context: CallContext,
  place: Place,
  pauseMs: number,
): Promise<void> {
  const leftMs = context.deadlineAtMs - performance.now()
  await place.sleep(Math.min(place.first ? pauseMs : Infinity, leftMs), call.signal)
  if (performance.now() < context.deadlineAtMs) return
  throw new FaultError(
    'LIMIT_REACHED',
    'limit-reached',
    `${endpointName(call)}: a limit of this application had no room for the call within its time`,
  )
}

/**
 * When the first of a line asks again. Nobody tells when another process gives a place back, so it looks now and then,
 * at random: a place that this process gives back is no more its own than anybody else's.
 */
function pauseMs({ by, retryInMs }: Refusal, shared: boolean): number {
  return by === 'concurrency' && shared ? Math.min(retryInMs, 10 + Math.random() * 30) : retryInMs
}

function tellReached(call: LlmCall, { by, retryInMs }: Refusal, waits: boolean): void {
  if (by === 'circuit') return
  tell(call, { type: 'limit-reached', limit: by, retryInMs, waits })
}

function reached(call: LlmCall, { by, retryInMs }: Refusal): HoldfastError {
  const retryAt = new Date(Date.now() + Math.min(retryInMs, 1e12))
  const until = `in ${Math.ceil(retryInMs / 1000)} s, at ${retryAt.toISOString()}`
  if (by === 'budget') {
    const when = retryInMs === Infinity ? '' : `; it starts anew ${until}`
    return new HoldfastError(
      'BUDGET_SPENT',
      `${endpointName(call)}: the most that the call can cost does not fit into what is left of the budget${when}`,
      retryInMs === Infinity ? {} : { retryAt },
    )
  }
  const full = `${endpointName(call)}: the ${by} limit of this application is reached`
  return by === 'rate'
    ? new FaultError('LIMIT_REACHED', 'limit-reached', `${full}; there is room ${until}`, {
        retryAt,
      })
    : new FaultError('LIMIT_REACHED', 'limit-reached', full)
}
