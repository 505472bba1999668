import type { Run } from '@holdfast/core'
import type { Span } from '@opentelemetry/api'
import type { CallRecord, Outcome } from './call-record.ts'
import type { RunSummary } from './run-summary.ts'

/** How something ended. */
interface Ending {
  readonly outcome: Outcome
  readonly errorType: string | undefined
}

/** The account of one run that is under way. */
export class RunAccount {
  readonly run: Run
  readonly startedAt: number = Date.now()
  readonly startedAtMs: number = performance.now()
  lastAtMs: number = performance.now()
  /** How often it was opened and not ended yet; 0 for a run that only its calls show. */
  openings = 0
  /** Calls under way. */
  pending = 0
  ended: Ending | undefined
  span: Span | undefined
  readonly providers: Set<string> = new Set()
  readonly #models = new Set<string>()
  readonly #tools = new Map<string, { calls: number; errors: number }>()
  readonly #tokens = { input: 0, output: 0, cachedInput: 0, reasoning: 0 }
  #calls = 0
  #attempts = 0
  #possiblyBilled = 0
  #continued = 0
  readonly #dropped = new Set<string>()
  #costUsd: number | undefined
  #complete = true
  #lastCall: Ending | undefined

  constructor(run: Run) {
    this.run = run
  }

  addLlmCall(record: CallRecord): void {
    const { usage, call, outcome, errorType } = record
    this.lastAtMs = Math.max(this.lastAtMs, record.endedAtMs)
    this.#lastCall = { outcome, errorType }
    if (call.resend === 0) this.#calls++
    this.#attempts += record.attempts
    this.#possiblyBilled += record.possiblyBilled
    this.#continued += record.continued
    for (const what of record.dropped) this.#dropped.add(what)
    this.#tokens.input += usage.inputTokens ?? 0
    this.#tokens.output += usage.outputTokens ?? 0
    this.#tokens.cachedInput += usage.cachedInputTokens ?? 0
    this.#tokens.reasoning += usage.reasoningTokens ?? 0
    if (record.costUsd !== undefined) this.#costUsd = (this.#costUsd ?? 0) + record.costUsd
    // A call without an answer has no usage that could be missing; what it may have cost all the same is counted above.
    const unknown = !record.complete || record.costUsd === undefined
    if (record.answered && unknown) this.#complete = false
    this.#models.add(record.responseModel ?? call.model)
    this.providers.add(call.provider)
  }

  addToolCall(name: string, endedAtMs: number, failed: boolean): void {
    this.lastAtMs = Math.max(this.lastAtMs, endedAtMs)
    let tool = this.#tools.get(name)
    if (tool === undefined) this.#tools.set(name, (tool = { calls: 0, errors: 0 }))
    tool.calls++
    if (failed) tool.errors++
  }

  summary(): RunSummary {
    const { run } = this
    const { outcome, errorType } = this.ended ?? this.#lastCall ?? { outcome: 'ok' as const }
    const unfinished = this.ended === undefined && (this.pending > 0 || this.openings > 0)
    return {
      run: run.id,
      ...(run.parent === undefined ? {} : { parent: run.parent.id }),
      ...(run.session === undefined ? {} : { session: run.session }),
      ...(run.agent === undefined ? {} : { agent: run.agent }),
      ...(run.promptVersion === undefined ? {} : { promptVersion: run.promptVersion }),
      startedAt: new Date(this.startedAt).toISOString(),
      durationMs: Math.round(this.lastAtMs - this.startedAtMs),
      outcome: unfinished ? 'unfinished' : outcome,
      ...(unfinished || errorType === undefined ? {} : { errorType }),
      calls: this.#calls,
      attempts: this.#attempts,
      possiblyBilled: this.#possiblyBilled,
      ...(this.#continued === 0 ? {} : { continued: this.#continued }),
      ...(this.#dropped.size === 0 ? {} : { dropped: [...this.#dropped] }),
      tokens: { ...this.#tokens },
      ...(this.#costUsd === undefined ? {} : { costUsd: this.#costUsd }),
      complete: this.#complete && this.#possiblyBilled === 0 && !unfinished,
      models: [...this.#models],
      tools: Array.from(this.#tools, ([name, counts]) => ({ name, ...counts })),
    }
  }
}

/**
 * The accounts of all runs under way. A run that was opened is finished when it ends and its last call is in;
 * one that only its calls show is finished when none came for a while.
 */
export class RunLedger {
  readonly #idleMs: number
  readonly #onFinished: (account: RunAccount) => void
  readonly #accounts = new Map<string, RunAccount>()
  readonly #sweep = (): void => {
    this.#timer = undefined
    const idleSince = performance.now() - this.#idleMs
    for (const account of this.#accounts.values()) {
      const over = account.openings === 0 && (account.pending === 0 || account.ended !== undefined)
      if (over && account.lastAtMs <= idleSince) this.#finish(account)
    }
    this.#watch()
  }
  #timer: NodeJS.Timeout | undefined

  constructor(idleMs: number, onFinished: (account: RunAccount) => void) {
    this.#idleMs = idleMs
    this.#onFinished = onFinished
  }

  /** The account of a run; opened by its first call where nobody did. */
  of(run: Run): RunAccount {
    let account = this.#accounts.get(run.id)
    if (account === undefined) {
      account = new RunAccount(run)
      this.#accounts.set(run.id, account)
      this.#watch()
    }
    return account
  }

  /** An opened run is over; what its last calls took may still be on the way. */
  end(account: RunAccount, outcome: Outcome, errorType: string | undefined, atMs: number): void {
    account.lastAtMs = Math.max(account.lastAtMs, atMs)
    if (--account.openings > 0) return
    account.ended = { outcome, errorType }
    this.settled(account)
  }

  /** An opened run's function has returned, its work goes on: from here it is a run that only its calls show. */
  leave(account: RunAccount): void {
    account.openings--
    account.lastAtMs = performance.now()
    this.#watch()
  }

  /** To be called when a call of an ended run is in. */
  settled(account: RunAccount): void {
    if (account.ended !== undefined && account.openings === 0 && account.pending === 0) {
      this.#finish(account)
    }
  }

  finishAll(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const account of this.#accounts.values()) {
      if (account.openings > 0 || account.pending > 0) account.lastAtMs = performance.now()
      this.#finish(account)
    }
  }

  #finish(account: RunAccount): void {
    this.#accounts.delete(account.run.id)
    this.#onFinished(account)
  }

  #watch(): void {
    if (this.#accounts.size === 0) return
    this.#timer ??= setTimeout(this.#sweep, Math.max(5, this.#idleMs / 4)).unref()
  }
}
