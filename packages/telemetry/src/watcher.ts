import type { Interceptor, LlmCall, Run, ToolCall } from '@holdfast/core'
import { atExit, watchReply } from '@holdfast/core'
import type { Context, TracerProvider } from '@opentelemetry/api'
import { endAgentSpan, startAgentSpan } from './agent-span.ts'
import { CallRecord } from './call-record.ts'
import type { Outcome } from './call-record.ts'
import { callSpanOptions, endCallSpan, operationName } from './call-span.ts'
import { DeferredWork } from './deferred-work.ts'
import { errorTypeOf, isAbort } from './error-type.ts'
import { flushWithProvider } from './flush-with-provider.ts'
import { Instruments } from './instruments.ts'
import { OpenTelemetry, spanOf, withSpan } from './open-telemetry.ts'
import { OwnExport } from './own-export.ts'
import { Prices } from './prices.ts'
import { RunLedger } from './run-ledger.ts'
import type { RunAccount } from './run-ledger.ts'
import { SpanOnDemand } from './span-on-demand.ts'
import type { Telemetry, TelemetryOptions } from './telemetry.ts'
import { ToolRecord, endToolSpan, toolSpanOptions } from './tool-span.ts'

/** How long a finished call waits for others to be written with it. */
const batchMs = 20
const defaultIdleMs = 60_000

/** Watches the calls and runs of one `telemetry()`. */
export class Watcher implements Telemetry {
  readonly #options: TelemetryOptions
  readonly #openTelemetry = new OpenTelemetry()
  readonly #export: OwnExport
  readonly #prices: Prices
  readonly #work: DeferredWork
  readonly #instruments: Instruments
  readonly #ledger: RunLedger
  /** Calls under way, and the runs they belong to. */
  readonly #live = new Map<CallRecord | ToolRecord, RunAccount | undefined>()
  readonly #warned = new Set<string>()
  #joined: TracerProvider | undefined
  #leave: (() => void) | undefined
  readonly #forgetExit: () => void

  constructor(options: TelemetryOptions) {
    this.#options = options
    this.#export = new OwnExport(this.#openTelemetry, options.export, this.#warn)
    this.#prices = new Prices({ own: options.prices, warn: this.#warn })
    this.#work = new DeferredWork({
      delayMs: batchMs,
      ready: this.#ready,
      after: () => this.#instruments.writeSums(),
      bug: this.#bug,
    })
    this.#instruments = new Instruments(this.#openTelemetry, () => this.flush())
    this.#ledger = new RunLedger(options.idleMs ?? defaultIdleMs, this.#finishRun)
    if (options.export === true || typeof options.export === 'object') this.#export.begin()
    process.on('beforeExit', this.#onBeforeExit)
    this.#forgetExit = atExit(this.#onExit)
  }

  readonly llm: Interceptor = async (call, next) => {
    if (!this.#isWatched(call.run)) return next(call)
    const record = this.#begin(call)
    const inner = call.with({ emit: record.emit })
    try {
      const { span, parent } = record
      const reply = await (span === undefined
        ? next(inner)
        : this.#openTelemetry.with(withSpan(parent, span), () => next(inner)))
      record.replied(reply)
      return watchReply(
        reply,
        {
          frame: (frame) => {
            record.frame(frame)
            if (!reply.streaming) this.#end(record)
          },
          end: () => this.#end(record),
          error: (error) => {
            record.error(error)
            this.#settleLater(record)
          },
          cancel: () => {
            record.cancel()
            this.#settleLater(record)
          },
        },
        this.#bug,
      )
    } catch (error) {
      record.error(error)
      this.#settleLater(record)
      throw error
    }
  }

  readonly tool: Interceptor<ToolCall> = async (call, next) => {
    if (!this.#isWatched(call.run)) return next(call)
    this.#join()
    const { tracer } = this.#openTelemetry
    const account = this.#accountOf(call.run)
    const parent = this.#parentOf(account)
    const record = new ToolRecord(call, parent)
    record.span = tracer?.startSpan(
      `execute_tool ${call.name}`,
      toolSpanOptions(record.startedAt, call),
      parent,
    )
    if (account !== undefined) account.pending++
    this.#live.set(record, account)
    try {
      const { span } = record
      const reply = await (span === undefined
        ? next(call)
        : this.#openTelemetry.with(withSpan(parent, span), () => next(call)))
      record.end(reply.value, this.#options.captureContent === true)
      return reply
    } catch (error) {
      record.fail(error)
      throw error
    } finally {
      this.#settleLater(record)
    }
  }

  run<T>(run: Run, work: () => T): T {
    const account = this.#open(run)
    if (account === undefined) return work()
    let result: T
    try {
      result =
        account.span === undefined
          ? work()
          : this.#openTelemetry.with(
              withSpan(this.#openTelemetry.activeContext, account.span),
              work,
            )
    } catch (error) {
      this.#close(account, error, true)
      throw error
    }
    if (!(result instanceof Promise)) {
      this.#closeWith(account, result)
      return result
    }
    return result.then(
      (value: unknown) => {
        this.#closeWith(account, value)
        return value
      },
      (error: unknown) => {
        this.#close(account, error, true)
        throw error
      },
    ) as T
  }

  startRun(run: Run): (error?: unknown) => void {
    const account = this.#open(run)
    if (account === undefined) return () => {}
    let over = false
    return (error) => {
      if (!over) this.#close(account, error, error !== undefined)
      over = true
    }
  }

  async flush(): Promise<void> {
    await this.#work.flush()
  }

  async shutdown(): Promise<void> {
    process.off('beforeExit', this.#onBeforeExit)
    this.#forgetExit()
    await this.#finishAll()
    this.#instruments.leave()
    this.#leave?.()
    this.#leave = undefined
    this.#joined = undefined
  }

  /** False where nobody would see it: then a call costs nothing. */
  #isWatched(run: Run | undefined): boolean {
    return (
      this.#openTelemetry.tracer !== undefined ||
      this.#instruments.wanted ||
      this.#export.wanted ||
      (run !== undefined && this.#options.onRunEnd !== undefined)
    )
  }

  #begin(call: LlmCall): CallRecord {
    this.#join()
    const account = this.#accountOf(call.run)
    const record = new CallRecord(
      call,
      this.#parentOf(account),
      this.#options.captureContent === true,
    )
    this.#startSpan(record)
    if (account !== undefined) account.pending++
    this.#live.set(record, account)
    return record
  }

  #startSpan(record: CallRecord): void {
    const { tracer } = this.#openTelemetry
    if (tracer === undefined) return
    const { call, parent, startedAt } = record
    record.span = new SpanOnDemand(() => {
      const operation = operationName(call)
      const options = callSpanOptions(call, operation, startedAt)
      return tracer.startSpan(`${operation} ${call.model}`, options, parent)
    })
  }

  #end(record: CallRecord): void {
    record.end()
    this.#settleLater(record)
  }

  #settleLater(record: CallRecord | ToolRecord): void {
    const account = this.#live.get(record)
    if (!this.#live.delete(record)) return
    try {
      // A whole answer at once, so that nothing holds it any longer; a stream has more to read than its end should wait for.
      if (record instanceof CallRecord && !record.call.streaming) record.read()
    } catch (error) {
      this.#bug(error)
    }
    this.#work.add({
      settle: () => {
        try {
          if (record instanceof CallRecord) this.#settleCall(record, account)
          else this.#settleTool(record, account)
        } finally {
          if (account !== undefined) {
            account.pending--
            this.#ledger.settled(account)
          }
        }
      },
    })
  }

  #settleCall(record: CallRecord, account: RunAccount | undefined): void {
    const { call } = record
    record.read()
    const { provider, host, model } = record.answeredBy
    const models = record.responseModel === undefined ? [model] : [record.responseModel, model]
    record.costUsd = this.#prices.cost({ provider, host, models }, record.usage)
    for (const { usage, ...answered } of record.keptBack) {
      const billed = { ...answered, models: [answered.model, call.model] }
      record.addKeptBack(usage, usage && this.#prices.cost(billed, usage))
    }
    if (record.span === undefined) {
      // Nobody had registered when the call began.
      if (account !== undefined) this.#startAgentSpan(account)
      this.#startSpan(record)
    }
    endCallSpan(record, {
      requestParameters: this.#options.requestParameters ?? true,
      redact: this.#options.redact,
      bug: this.#bug,
    })
    this.#instruments.llmCall(record, operationName(call))
    account?.addLlmCall(record)
  }

  #settleTool(record: ToolRecord, account: RunAccount | undefined): void {
    const { call } = record
    endToolSpan(record, {
      captureContent: this.#options.captureContent ?? false,
      redact: this.#options.redact,
      bug: this.#bug,
    })
    this.#instruments.toolCall(call.name, record.endedAtMs - record.startedAtMs, record.errorType)
    account?.addToolCall(call.name, record.endedAtMs, record.errorType !== undefined)
  }

  /** Undefined where nobody watches, and where a tracer breaks: the run goes on without us. */
  #open(run: Run): RunAccount | undefined {
    try {
      if (!this.#isWatched(run)) return undefined
      this.#join()
      const account = this.#ledger.of(run)
      account.openings++
      account.ended = undefined
      this.#startAgentSpan(account)
      return account
    } catch (error) {
      this.#bug(error)
      return undefined
    }
  }

  #closeWith(account: RunAccount, value: unknown): void {
    // A run that answers with a stream works on while that is read; it is over when its calls have stopped.
    if (isStream(value)) this.#work.add({ settle: () => this.#ledger.leave(account) })
    else this.#close(account, undefined, false)
  }

  #close(account: RunAccount, error: unknown, failed: boolean): void {
    const outcome: Outcome = failed ? (isAbort(error, undefined) ? 'aborted' : 'error') : 'ok'
    const errorType = outcome === 'error' ? errorTypeOf(error) : undefined
    const atMs = performance.now()
    // After the calls that ended before it.
    this.#work.add({ settle: () => this.#ledger.end(account, outcome, errorType, atMs) })
  }

  #startAgentSpan(account: RunAccount): void {
    const { tracer, activeContext } = this.#openTelemetry
    if (tracer === undefined || account.span !== undefined || account.openings === 0) return
    account.span = startAgentSpan(tracer, account.run, account.startedAt, activeContext)
  }

  readonly #finishRun = (account: RunAccount): void => {
    const summary = account.summary()
    if (account.span !== undefined) endAgentSpan(account.span, account, summary)
    if (account.span !== undefined || account.ended !== undefined) {
      const { agent, durationMs, outcome, errorType } = summary
      const type = outcome === 'ok' ? undefined : (errorType ?? outcome)
      this.#instruments.agentRun(agent, durationMs, type)
    }
    try {
      this.#options.onRunEnd?.(summary)
    } catch (error) {
      this.#bug(error)
    }
  }

  #accountOf(run: Run | undefined): RunAccount | undefined {
    return run === undefined ? undefined : this.#ledger.of(run)
  }

  /** The active context; where it has no span, because a framework lost it, the run's. */
  #parentOf(account: RunAccount | undefined): Context {
    const { activeContext } = this.#openTelemetry
    if (account?.span === undefined || spanOf(activeContext) !== undefined) {
      return activeContext
    }
    return withSpan(activeContext, account.span)
  }

  /** Makes the set-up that is asked for, and sees to it that the one that is there gets all spans. */
  #join(): void {
    this.#export.begin()
    this.#instruments.join()
    const { tracer } = this.#openTelemetry
    if (tracer === undefined) return
    const { provider } = this.#openTelemetry
    if (provider === undefined || provider === this.#joined) return
    this.#leave?.()
    this.#joined = provider
    this.#leave = flushWithProvider(provider, () => this.flush())
  }

  async #finishAll(): Promise<void> {
    this.#abandonLive()
    await this.flush()
    this.#ledger.finishAll()
    await this.#export.shutdown()
  }

  #abandonLive(): void {
    for (const record of this.#live.keys()) {
      record.abandon()
      this.#settleLater(record)
    }
  }

  readonly #onBeforeExit = (): void => {
    void this.#finishAll()
  }

  readonly #onExit = (): void => {
    this.#abandonLive()
    this.#work.flushNow()
    this.#ledger.finishAll()
  }

  readonly #ready = (): Promise<void> | undefined => {
    const waits = [this.#prices.ready(), this.#export.ready()].filter((wait) => wait !== undefined)
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => {})
  }

  readonly #warn = (message: string): void => {
    if (this.#warned.has(message)) return
    this.#warned.add(message)
    if (this.#options.warn === undefined) process.emitWarning(message, 'HoldfastWarning')
    else this.#options.warn(message)
  }

  readonly #bug = (error: unknown): void => {
    this.#warn(`[holdfast] a bug in telemetry, which goes on: ${String(error)}`)
  }
}

function isStream(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
