import type { Interceptor, LlmCall, Run, ToolCall } from '@holdfast/core'
import { watchReply } from '@holdfast/core'
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Attributes, Context, Span, TracerProvider } from '@opentelemetry/api'
import { CallRecord } from './call-record.ts'
import type { Outcome } from './call-record.ts'
import { callSpanOptions, endCallSpan, operationName } from './call-span.ts'
import { DeferredWork } from './deferred-work.ts'
import { errorTypeOf, isAbort } from './error-type.ts'
import { flushWithProvider } from './flush-with-provider.ts'
import { Instruments } from './instruments.ts'
import type { Redact } from './message-content.ts'
import { OpenTelemetry } from './open-telemetry.ts'
import { OwnExport } from './own-export.ts'
import type { ExportOptions } from './own-export.ts'
import { Prices } from './prices.ts'
import type { ModelPrice } from './prices.ts'
import { RunLedger } from './run-ledger.ts'
import type { RunAccount } from './run-ledger.ts'
import type { RunSummary } from './run-summary.ts'
import { SpanOnDemand } from './span-on-demand.ts'
import { ToolRecord, endToolSpan, toolSpanOptions } from './tool-span.ts'

/** What is told about calls and runs, and to whom. */
export interface TelemetryOptions {
  /** Puts prompts, answers, tool arguments and results into the spans. @default false */
  readonly captureContent?: boolean
  /** Cleans every text before it goes into a span. Content whose cleaning fails is left out. */
  readonly redact?: Redact
  /** Puts temperature, maximum tokens and the like into the spans, which takes reading each request. @default true */
  readonly requestParameters?: boolean
  /** Prices by model name or `provider/model`, ahead of the catalogue's. */
  readonly prices?: Readonly<Record<string, ModelPrice>>
  /**
   * Exports with an OpenTelemetry SDK of our own where the application has none.
   * @default true where OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_EXPORTER or OTEL_METRICS_EXPORTER (…) ask for it
   */
  readonly export?: boolean | ExportOptions
  /** A run that nobody opened is finished when no call of it came for this long. @default 60_000 */
  readonly idleMs?: number
  /** Gets the summary of each finished run; `runLine` makes a line of it. */
  readonly onRunEnd?: (summary: RunSummary) => void
  /** Gets what is said once: a model without a price, an exporter that does not start. @default process.emitWarning */
  readonly warn?: (message: string) => void
}

/** Watches calls and runs. It changes nothing in them. */
export interface Telemetry {
  /** To be the outermost of the LLM interceptors. */
  readonly llm: Interceptor
  /** To be the outermost of the tool interceptors. */
  readonly tool: Interceptor<ToolCall>
  /** Calls `work` as that run: with an agent span around it, and a summary when it is over. */
  run<T>(run: Run, work: () => T): T
  /** The same for a run that is no function: returns what ends it. */
  startRun(run: Run): (error?: unknown) => void
  /** Resolves when everything up to now is handed to OpenTelemetry. */
  flush(): Promise<void>
  /** Finishes all runs, hands everything on, ends our own exporter. */
  shutdown(): Promise<void>
}

/** Spans and metrics in OpenTelemetry's GenAI conventions, cost, and one summary per run. */
export function telemetry(options: TelemetryOptions = {}): Telemetry {
  const watcher = new Watcher(options)
  return {
    llm: watcher.llm,
    tool: watcher.tool,
    run: (run, work) => watcher.run(run, work),
    startRun: (run) => watcher.startRun(run),
    flush: () => watcher.flush(),
    shutdown: () => watcher.shutdown(),
  }
}

/** How long a finished call waits for others to be written with it. */
const batchMs = 20
const defaultIdleMs = 60_000

class Watcher {
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
    process.on('exit', this.#onExit)
  }

  readonly llm: Interceptor = async (call, next) => {
    if (!this.#isWatched(call.run)) return next(call)
    const record = this.#begin(call)
    const inner = call.with({ emit: record.emit })
    try {
      const { span, parent } = record
      const reply = await (span === undefined
        ? next(inner)
        : this.#openTelemetry.with(trace.setSpan(parent, span), () => next(inner)))
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
        : this.#openTelemetry.with(trace.setSpan(parent, span), () => next(call)))
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
    if (!this.#isWatched(run)) return work()
    const account = this.#open(run)
    let result: T
    try {
      result =
        account.span === undefined
          ? work()
          : this.#openTelemetry.with(
              trace.setSpan(this.#openTelemetry.activeContext, account.span),
              work,
            )
    } catch (error) {
      this.#close(account, error, true)
      throw error
    }
    if (!(result instanceof Promise)) {
      this.#close(account, undefined, false)
      return result
    }
    return result.then(
      (value: unknown) => {
        this.#close(account, undefined, false)
        return value
      },
      (error: unknown) => {
        this.#close(account, error, true)
        throw error
      },
    ) as T
  }

  startRun(run: Run): (error?: unknown) => void {
    if (!this.#isWatched(run)) return () => {}
    const account = this.#open(run)
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
    process.off('exit', this.#onExit)
    await this.#finishAll()
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
      // At once, so that nothing holds the answer any longer.
      if (record instanceof CallRecord) record.read()
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
    const { provider, host, model } = record.answeredBy
    const models = record.responseModel === undefined ? [model] : [record.responseModel, model]
    record.costUsd = this.#prices.cost({ provider, host, models }, record.usage)
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

  #open(run: Run): RunAccount {
    this.#join()
    const account = this.#ledger.of(run)
    account.openings++
    account.ended = undefined
    this.#startAgentSpan(account)
    return account
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
    const { run, startedAt } = account
    const attributes: Attributes = { 'gen_ai.operation.name': 'invoke_agent' }
    if (run.agent !== undefined) attributes['gen_ai.agent.name'] = run.agent
    account.span = tracer.startSpan(
      run.agent === undefined ? 'invoke_agent' : `invoke_agent ${run.agent}`,
      { kind: SpanKind.INTERNAL, startTime: startedAt, attributes },
      activeContext,
    )
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
    if (account?.span === undefined || trace.getSpan(activeContext) !== undefined) {
      return activeContext
    }
    return trace.setSpan(activeContext, account.span)
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

function endAgentSpan(span: Span, account: RunAccount, summary: RunSummary): void {
  const { run, startedAt, startedAtMs, lastAtMs } = account
  // Tokens stay with the calls: a backend that adds up spans would count them twice.
  const attributes: Attributes = {
    'holdfast.run.id': run.id,
    'holdfast.run.outcome': summary.outcome,
    'holdfast.run.calls': summary.calls,
    'holdfast.run.attempts': summary.attempts,
    'holdfast.run.input_tokens': summary.tokens.input,
    'holdfast.run.output_tokens': summary.tokens.output,
  }
  const [provider] = account.providers
  if (provider !== undefined) attributes['gen_ai.provider.name'] = provider
  if (run.session !== undefined) attributes['gen_ai.conversation.id'] = run.session
  if (run.promptVersion !== undefined) attributes['gen_ai.prompt.version'] = run.promptVersion
  if (run.parent !== undefined) attributes['holdfast.run.parent_id'] = run.parent.id
  if (summary.costUsd !== undefined) attributes['holdfast.run.cost.usd'] = summary.costUsd
  if (summary.outcome !== 'ok') attributes['error.type'] = summary.errorType ?? summary.outcome
  span.setAttributes(attributes)
  if (summary.outcome === 'error') span.setStatus({ code: SpanStatusCode.ERROR })
  span.end(startedAt + (lastAtMs - startedAtMs))
}
