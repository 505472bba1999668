import { randomBytes } from 'node:crypto'
import { HoldfastError, watchReply } from '@holdfast/core'
import type { Interceptor, LlmCall, LlmReply, Next, ToolCall, Usage } from '@holdfast/core'
import type { LimitStore, Refusal } from '@holdfast/core/limits'
import { endpointName } from '../../reliability/endpoint-name.ts'
import { classify } from '../../reliability/faults/classify.ts'
import type { Outcome } from '../../reliability/faults/classify.ts'
import { limitGate } from '../../reliability/limits/limit-gate.ts'
import type { GateAnswer, LimitGate } from '../../reliability/limits/limit-gate.ts'
import type { TokenPrice } from '../../reliability/limits/options.ts'
import { withLateNote } from '../late-note.ts'
import type { SpareTime } from '../spare-time.ts'
import { AttemptBill } from './attempt-bill.ts'
import { CapBook } from './cap-lines.ts'
import type { CapLine, CapLines } from './cap-lines.ts'
import { CapRefusals } from './cap-refusals.ts'
import type { CapRefusalPorts } from './cap-refusals.ts'
import { CapSteps } from './cap-steps.ts'
import { mostTokens } from './most-tokens.ts'
import type { MostTokens } from './most-tokens.ts'
import type { CapOptions, SpendingOptions } from './options.ts'
import { Reservation } from './reservation.ts'
import type { CapClaim } from './reservation.ts'
import { Spending } from './spending.ts'
import { WallClocks } from './wall-clocks.ts'

/** What the caps need of others. */
export interface CapPorts extends CapRefusalPorts {
  readonly store?: LimitStore | undefined
  readonly spareTime: SpareTime
}

/** A call as it may go out, and what is reserved for it. */
interface Entered {
  readonly changed: LlmCall
  readonly held: Reservation
}

const usualNote =
  'The limit set for this task is nearly used up. Come to an end now: start nothing new, call a tool only if the answer is impossible without it, and give the best final answer you can from what you have.'

/**
 * Keeps runs, sessions, people and days within their caps. What a request costs at most is reserved before it goes out,
 * in one step for its run and all runs above it, and settled afterwards by the usage that its reply reports.
 */
export class Caps {
  readonly #book: CapBook
  readonly #steps: CapSteps
  readonly #refusals: CapRefusals
  readonly #clocks: WallClocks
  readonly #gate: LimitGate
  readonly #options: SpendingOptions
  readonly #now: () => number
  readonly #spareTime: SpareTime
  /** Ids of calls that nobody further out has answered. */
  readonly #wentOut = new Set<string>()
  /** Calls under way, by their id: what they may spend. */
  readonly #spendings = new Map<string, Spending>()
  readonly #names = `${randomBytes(9).toString('base64url')}-`
  #count = 0

  /** @throws HoldfastError OPTIONS_INVALID where a cheaper model could only be refused */
  constructor(caps: readonly CapOptions[], options: SpendingOptions, ports: CapPorts) {
    checkPrices(caps, options)
    this.#book = new CapBook(caps)
    this.#steps = new CapSteps(ports.now)
    this.#refusals = new CapRefusals(this.#steps, ports)
    this.#clocks = new WallClocks(ports.now)
    this.#gate = limitGate(ports.store)
    this.#options = options
    this.#now = ports.now
    this.#spareTime = ports.spareTime
  }

  /** Around a call that really goes out, with all its attempts. */
  readonly live: Interceptor = (call, next) => {
    if (call.operation === 'count-tokens') return next(call)
    this.#wentOut.add(call.id)
    const lines = this.#book.linesOf(call.run)
    if (lines.all.length === 0) return next(call)
    try {
      const entering = this.#enter(call, lines.all)
      return entering instanceof Promise
        ? entering.then((entered) => this.#spend(entered, lines, next))
        : this.#spend(entering, lines, next)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Around each attempt, with the bytes that go out. */
  readonly attempt: Interceptor = async (call, next) => {
    const spending = this.#spendings.get(call.id)
    if (spending === undefined || spending.lines.length === 0) return next(call)
    const reserved = spending.takeFor(call) ?? (await this.#reserve(call, spending))
    const bill = new AttemptBill(reserved, this.#priceOf(call.model), this.#later)
    let reply: LlmReply
    try {
      reply = await next(call)
    } catch (error) {
      bill.settle(mayBeBilled(call, { error }) ? 'unknown' : 'none')
      throw error
    }
    const { failure } = reply
    if (failure === undefined) return bill.settledBy(reply)
    bill.settle(mayBeBilled(call, { failure, insideReply: false }) ? 'unknown' : 'none')
    return reply
  }

  /** Told once of each call, when its reply is there or it has failed: true where it came here, and no journal had the answer. */
  ended(call: LlmCall): boolean {
    if (!call.streaming) this.#close(call)
    return this.#wentOut.delete(call.id)
  }

  /** Right before a tool runs. */
  async beforeTool(call: ToolCall): Promise<void> {
    const lines = this.#book.linesOf(call.run).all
    if (lines.length === 0) return
    const counted = lines.filter(({ name }) => name === 'maxToolCalls')
    for (;;) {
      const claims = counted.map((line) => this.#claim(line, 1))
      const answer = this.#wallRefusal(lines) ?? (await this.#ask(claims))
      if (answer instanceof Reservation) return answer.settle('none', undefined)
      await this.#refusals.goOn(call, lines, claims, answer)
    }
  }

  /** An answer of the journal: counts for its run, where nobody else has counted it. */
  replayed(call: LlmCall, usage: Usage | undefined): void {
    if (this.#gate.shared) return
    const lines = this.#book
      .linesOf(call.run)
      .all.filter(({ per }) => per === 'run' || per === 'session')
    const claims = lines.flatMap((line) => {
      if (line.name === 'maxWallMs' || line.name === 'maxToolCalls') return []
      return [this.#claim(line, line.isSpent ? 0 : 1, Infinity)]
    })
    if (claims.length === 0) return
    // The desk is that of this process: nothing is waited for.
    void Promise.resolve(this.#ask(claims)).then((answer) => {
      if (answer instanceof Reservation) answer.settle(usage ?? 'none', this.#priceOf(call.model))
    })
  }

  #spend({ changed, held }: Entered, { spent }: CapLines, next: Next): Promise<LlmReply> {
    this.#spendings.set(changed.id, new Spending(changed, held, spent))
    return changed.streaming ? this.#stream(changed, next) : next(changed)
  }

  /** Of a stream the rest may be asked for by another attempt. */
  async #stream(call: LlmCall, next: Next): Promise<LlmReply> {
    const over = (): void => this.#close(call)
    let reply: LlmReply
    try {
      reply = await next(call)
    } catch (error) {
      over()
      throw error
    }
    if (reply.streaming) return watchReply(reply, { end: over, error: over, cancel: over })
    over()
    return reply
  }

  #close({ id }: LlmCall): void {
    this.#spendings.get(id)?.close()
    this.#spendings.delete(id)
  }

  /** Reserves for the call and its first attempt; at once where that fits at once. */
  #enter(call: LlmCall, lines: readonly CapLine[]): Entered | Promise<Entered> {
    const changed = this.#changed(call, lines)
    const claims = this.#claimsOf(changed, lines, call.resend > 0 ? 0 : 1)
    const answer = this.#wallRefusal(lines) ?? this.#ask(claims)
    if (answer instanceof Reservation) return { changed, held: answer }
    return this.#goOn(call, lines, changed, claims, answer)
  }

  /** The same where it has to be waited for, step by step until it fits. */
  async #goOn(
    call: LlmCall,
    lines: readonly CapLine[],
    changed: LlmCall,
    claims: readonly CapClaim[],
    asked: Refusal | Promise<Reservation | Refusal>,
  ): Promise<Entered> {
    const answer = await asked
    if (answer instanceof Reservation) return { changed, held: answer }
    await this.#refusals.goOn(call, lines, claims, answer)
    return this.#enter(call, lines)
  }

  /** What an attempt needs beyond what its call has reserved already. */
  async #reserve(call: LlmCall, spending: Spending): Promise<readonly Reservation[]> {
    const held = spending.take()
    const before = new Map(held?.claims.map(({ key, amount }) => [key, amount]))
    for (;;) {
      const more = this.#claimsOf(call, spending.lines, 0).flatMap((claim) => {
        const amount = claim.amount - (before.get(claim.key) ?? 0)
        return amount > 0 ? [{ ...claim, amount }] : []
      })
      if (more.length === 0) return held === undefined ? [] : [held]
      try {
        const answer = await this.#ask(more)
        if (answer instanceof Reservation) return held === undefined ? [answer] : [held, answer]
        await this.#refusals.goOn(call, spending.lines, more, answer)
      } catch (error) {
        held?.settle('none', undefined)
        throw error
      }
    }
  }

  /** At once where the caps are those of this process. */
  #ask(budgets: readonly CapClaim[]): Reservation | Refusal | Promise<Reservation | Refusal> {
    if (budgets.length === 0) return nothingReserved
    const id = this.#names + ++this.#count
    const { reservedMs = dayMs, onStoreFailure = 'closed' } = this.#options
    const answer = this.#gate.admit({
      id,
      budgets,
      rates: none,
      slots: none,
      leaseMs: reservedMs,
      closed: onStoreFailure === 'closed',
      endsAtMs: Infinity,
    })
    return answer instanceof Promise
      ? answer.then((answered) => this.#answered(id, budgets, answered))
      : this.#answered(id, budgets, answer)
  }

  #answered(
    id: string,
    budgets: readonly CapClaim[],
    { admission, desk }: GateAnswer,
  ): Reservation | Refusal | Promise<Reservation | Refusal> {
    if (admission.admitted) return new Reservation(id, budgets, desk)
    // Until it is counted what a request took, all that it had reserved counts.
    return this.#spareTime.catchUp() ? this.#ask(budgets) : admission
  }

  /** Counts what a request took: no hurry, where nobody else counts on it. */
  readonly #later = (settle: () => void): void => {
    if (this.#gate.shared) settle()
    else this.#spareTime.later(settle)
  }

  /** The call as it goes out: with a word to the model, or to a cheaper one, where a cap has come so far. */
  #changed(call: LlmCall, lines: readonly CapLine[]): LlmCall {
    if (!this.#steps.anyTaken) return call
    let note: string | undefined
    let model: string | undefined
    for (const line of lines) {
      for (const { kind } of this.#steps.taken(line)) {
        if (kind === 'soft') note ??= line.cap.softNote ?? usualNote
        else model ??= line.cap.degradeTo
      }
    }
    if (note === undefined && model === undefined) return call
    const request =
      note === undefined || call.operation !== 'chat'
        ? call.request
        : (withLateNote(call.request, note) ?? call.request)
    return call.with({ request: model === undefined ? request : { ...request, model } })
  }

  #claimsOf(call: LlmCall, lines: readonly CapLine[], count: number): CapClaim[] {
    const claims: CapClaim[] = []
    let most: MostTokens | undefined
    for (const line of lines) {
      const { name } = line
      if (name === 'maxToolCalls' || name === 'maxWallMs') continue
      if (!line.isSpent) {
        if (count > 0) claims.push(this.#claim(line, count))
        continue
      }
      most ??= mostTokens(call, this.#options.assumedOutputTokens ?? 4_096)
      claims.push(this.#claim(line, this.#mostOf(call, line, most)))
    }
    return claims
  }

  #mostOf(call: LlmCall, { name }: CapLine, { input, output }: MostTokens): number {
    switch (name) {
      case 'maxInputTokens':
        return input
      case 'maxOutputTokens':
        return output
      case 'maxTokens':
        return input + output
      default: {
        const price = this.#priceOf(call.model)
        if (price === undefined) {
          throw new HoldfastError(
            'CALL_REFUSED',
            `${endpointName(call)}: maxUsd is set in governance.caps, but governance.prices has no price for this model`,
          )
        }
        const { inputUsdPerMillion, outputUsdPerMillion, cacheWriteUsdPerMillion = 0 } = price
        const dearest = Math.max(inputUsdPerMillion, cacheWriteUsdPerMillion)
        return Math.ceil(input * dearest + output * outputUsdPerMillion)
      }
    }
  }

  #claim(line: CapLine, amount: number, limit: number = this.#steps.limitOf(line)): CapClaim {
    const { key, cap, per } = line
    const { periodMs } = cap
    if (periodMs !== undefined) return { line, key, limit, amount, periodMs }
    if (per !== 'run' && per !== 'session') return { line, key, limit, amount }
    // Runs and sessions come to an end that nobody tells.
    return { line, key, limit, amount, keepMs: this.#gate.shared ? sharedKeepMs : ownKeepMs }
  }

  #wallRefusal(lines: readonly CapLine[]): Refusal | undefined {
    for (const line of lines) {
      if (line.name !== 'maxWallMs') continue
      const spent = this.#clocks.elapsedMs(line)
      if (spent <= this.#steps.limitOf(line)) continue
      const { periodMs } = line.cap
      const retryInMs = periodMs === undefined ? Infinity : periodMs - (this.#now() % periodMs)
      return { admitted: false, by: 'budget', key: line.key, retryInMs, spent }
    }
    return undefined
  }

  #priceOf(model: string): TokenPrice | undefined {
    return this.#options.prices?.[model]
  }
}

const dayMs = 86_400_000
const none: readonly never[] = []
const nothingReserved = new Reservation('', [], undefined)
/** For so long after its last call the spending of a run or session is remembered. */
const sharedKeepMs = 30 * dayMs
const ownKeepMs = dayMs / 4

/** At maxUsd every model needs a price: the one that takes over near the end of a run too. */
function checkPrices(caps: readonly CapOptions[], { prices = {} }: SpendingOptions): void {
  if (caps.every(({ maxUsd }) => maxUsd === undefined)) return
  for (const { degradeTo } of caps) {
    if (degradeTo === undefined || prices[degradeTo] !== undefined) continue
    throw new HoldfastError(
      'OPTIONS_INVALID',
      `governance.caps degrades to ${degradeTo} and sets maxUsd, but governance.prices has no price for ${degradeTo}: it would be refused; add its price`,
    )
  }
}

function mayBeBilled(call: LlmCall, outcome: Outcome): boolean {
  const { aborted } = call.signal
  const circumstances = { phase: 'sending', aborted, longestWaitMs: 0, staleBefore: false } as const
  return classify(outcome, circumstances).possiblyBilled
}
