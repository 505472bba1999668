import type {
  CallEvent,
  Failure,
  Interceptor,
  LlmCall,
  LlmReply,
  Next,
  WireFormat,
} from '@holdfast/core'
import type { SharedVisit } from './circuit-breaker/shared-circuit.ts'
import { classify, failureOf } from './faults/classify.ts'
import type { Outcome, Phase } from './faults/classify.ts'
import type { Fault } from './faults/faults.ts'
import { HedgedAway } from './hedge/hedged-away.ts'

/** What one failed attempt came to. */
export interface Verdict {
  readonly fault: Fault
  readonly failure: Failure
  /** When it was known, performance.now() milliseconds. */
  readonly atMs: number
}

/** How long and how often one call may try. */
export interface CallLimits {
  /** Requests upstream for the whole call. */
  readonly maxAttempts: number
  /** Longest wait between two requests. */
  readonly maxDelayMs: number
  /** Longest duration of the whole call, its stream included. */
  readonly totalMs: number
}

/** What a call has used of the requests that it may send upstream. */
export interface RequestsUsed {
  readonly attempts: number
  readonly maxAttempts: number
  /** How many of them it was granted for fallback targets. */
  readonly granted: number
}

/** Nothing is bounded: what a policy that stands alone assumes of the others. */
export const noLimits: CallLimits = {
  maxAttempts: Infinity,
  maxDelayMs: Infinity,
  totalMs: Infinity,
}

/**
 * What the reliability policies know of one call together, from its start to its end. Where two attempts are under way
 * at once, each has a fork of its own: what an attempt came to stays apart, what the call has used counts together.
 */
export class CallContext {
  readonly startedAtMs: number
  /** The whole call ends here, its stream included. */
  readonly endsAtMs: number
  /** The answer has to begin by then: what the caller announced, or the end. */
  readonly deadlineAtMs: number
  readonly maxDelayMs: number
  /** When the current attempt went out, performance.now() milliseconds. */
  attemptAtMs = 0
  /** How far the current attempt is. */
  phase: Phase = 'sending'
  /** Whether the current attempt went out on a connection that had been used before, where the transport tells. */
  reused: boolean | undefined
  /** Of the latest attempt, where it failed. */
  verdict: Verdict | undefined
  /** Fallback targets that have not been asked yet. */
  targetsLeft = 0
  /** An answer that a content filter stopped counts as a failure: somebody has a target for it. */
  filteredFails = false
  /** The shared circuit that the attempt goes through. */
  circuit: SharedVisit | undefined
  /** The format of the target that was asked last, where somebody wants to know. */
  spoken: WireFormat | undefined
  /** What an answer that broke off has said: the rest is asked for. */
  saidSoFar: string | undefined
  /** Told when a reply breaks after it was handed up. */
  broken: ((outcome: Outcome) => void) | undefined
  /** Told by `broken` what to count against the provider. */
  counted: ((verdict: Verdict) => void) | undefined
  /** Told when a reply that was handed up came to a good end, or its reader had enough. */
  finished: (() => void) | undefined
  readonly #limits: CallLimits
  /** Of the whole call; a fork's own stay unused. */
  readonly #whole: CallContext
  #maxAttempts: number
  #granted = 0
  #attempts = 0
  /** Requests of the whole call that are decided on and have not gone out. */
  #claims = 0
  /** One of them is this line's. */
  #claimed = false
  #deferred = false
  #staleBefore = false

  constructor(call: LlmCall, limits: CallLimits, whole?: CallContext) {
    const { maxAttempts, maxDelayMs, totalMs } = limits
    this.startedAtMs = whole?.startedAtMs ?? performance.now()
    this.endsAtMs = this.startedAtMs + totalMs
    this.deadlineAtMs = Math.min(call.deadlineAt ?? Infinity, this.endsAtMs)
    this.maxDelayMs = maxDelayMs
    this.#limits = limits
    this.#whole = whole ?? this
    this.#maxAttempts = maxAttempts
  }

  /** A context for a second line of attempts beside this one. */
  fork(call: LlmCall): CallContext {
    const fork = new CallContext(call, this.#limits, this.#whole)
    fork.targetsLeft = this.targetsLeft
    fork.filteredFails = this.filteredFails
    fork.saidSoFar = this.saidSoFar
    return fork
  }

  /** True for a second line of attempts. */
  get forked(): boolean {
    return this.#whole !== this
  }

  get used(): RequestsUsed {
    const whole = this.#whole
    return { attempts: whole.#attempts, maxAttempts: whole.#maxAttempts, granted: whole.#granted }
  }

  /** This is a call that was made before: what it has used is used. */
  goOnFrom({ attempts, maxAttempts, granted }: RequestsUsed): void {
    this.#attempts = attempts
    this.#maxAttempts = maxAttempts
    this.#granted = granted
  }

  /** One request more for a fallback target, so often in a call; false where the call may send no other. */
  grantAttempt(mostTargets: number): boolean {
    const whole = this.#whole
    if (whole.#granted >= mostTargets) return this.mayAttempt
    whole.#granted++
    whole.#maxAttempts++
    return true
  }

  /** Requests that went upstream so far. */
  get attempts(): number {
    return this.#whole.#attempts
  }

  set attempts(attempts: number) {
    this.#whole.#attempts = attempts
    this.dropClaim()
  }

  /** The call may send another request, beside those that a line of attempts has decided on. */
  get mayAttempt(): boolean {
    const whole = this.#whole
    return whole.#attempts + whole.#claims < whole.#maxAttempts
  }

  /** This line's next request is decided on; until it went out or was given up, no other line takes its place. */
  claimAttempt(): void {
    if (this.#claimed) return
    this.#claimed = true
    this.#whole.#claims++
  }

  /** The request that this line had decided on went out, or will not. */
  dropClaim(): void {
    if (!this.#claimed) return
    this.#claimed = false
    this.#whole.#claims--
  }

  /** The call gave up because the provider asks for a longer wait than it has, not because it tried enough. */
  get deferred(): boolean {
    return this.#whole.#deferred
  }

  set deferred(deferred: boolean) {
    this.#whole.#deferred = deferred
  }

  /** True once `commit` has handed a good reply up; it tells how that ends. */
  get begun(): boolean {
    return this.phase === 'content'
  }

  /** Finds the fault of an outcome and remembers it as the latest. */
  judge(call: LlmCall, outcome: Outcome): Verdict {
    const atMs = performance.now()
    const fault = classify(outcome, {
      phase: this.phase,
      aborted: call.signal.aborted,
      hedgedAway: call.signal.aborted && call.signal.reason instanceof HedgedAway,
      longestWaitMs: Math.min(this.maxDelayMs, this.deadlineAtMs - atMs),
      reused: this.reused,
      staleBefore: this.#staleBefore,
    })
    if (fault.name === 'stale-connection') this.#staleBefore = true
    this.verdict = { fault, failure: failureOf(outcome), atMs }
    return this.verdict
  }
}

/** The way inward, with the same context unless another one is given. */
export type Inward = (call: LlmCall, context?: CallContext) => Promise<LlmReply>

/** One layer of the family: an interceptor that shares the call's context with the others. */
export type Step = (call: LlmCall, next: Inward, context: CallContext) => Promise<LlmReply>

/** Steps as one interceptor, the first outermost. Each call gets a context of its own. */
export function interceptorOf(
  name: string,
  steps: readonly Step[],
  limits: CallLimits,
): Interceptor {
  const line = steps.reduceRight<Line>(
    (inner, step) => (call, next, context) =>
      step(call, (further, own = context) => inner(further, next, own), context),
    (call, next) => next(call),
  )
  const interceptor: Interceptor = (call, next) => line(call, next, new CallContext(call, limits))
  Object.defineProperty(interceptor, 'name', { value: name })
  return interceptor
}

type Line = (call: LlmCall, next: Next, context: CallContext) => Promise<LlmReply>

/** Tells an event; a listener that breaks is its own affair. */
export function tell(call: LlmCall, event: CallEvent): void {
  try {
    call.emit(event)
  } catch {
    // Whoever listens reports its own bugs; a call never fails because of them.
  }
}
