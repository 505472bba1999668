import type { CallEvent } from './call-event.ts'
import { hostOf } from './http.ts'
import type { HttpRequest, TransportProgress } from './http.ts'
import type { Loss } from './loss.ts'
import type { InDoubtPolicy } from './journal/in-doubt.ts'
import type { LlmRequest } from './request.ts'
import type { Run } from './run.ts'
import type { AnswerLimits, Operation, WireFormat } from './wire-format.ts'

/** One logical call, as the agent made it. */
export type Call = LlmCall | ToolCall

/** What an interceptor may change in an LLM call; everything else stays. */
export interface LlmCallChanges {
  /** Another model, written into the request. */
  readonly model?: string
  /** Another request; written in the call's format. */
  readonly request?: LlmRequest
  /** Where the request goes instead. */
  readonly target?: Target
  readonly signal?: AbortSignal
  readonly progress?: TransportProgress
  readonly emit?: (event: CallEvent) => void
}

/** Another address or key, in the same format or in another one. */
export interface Target {
  /**
   * The format that is spoken there. The request is then written anew, for the provider's own address where no
   * `baseUrl` is named, and without the call's own key. @default the call's own
   */
  readonly format?: WireFormat
  /** Name in telemetry and in circuit breakers. @default the host of baseUrl */
  readonly provider?: string
  /** As the provider's SDK takes it: `https://api.openai.com/v1`. */
  readonly baseUrl?: string
  /** @default none where the host is another one, else the call's own key */
  readonly apiKey?: string
  /** Sends the call's own key to another host too. @default false: a key is for the host it was made for */
  readonly keepKey?: boolean
}

/** What is known of an LLM call before anybody reads its body in full. */
export interface LlmCallFacts {
  readonly id: string
  readonly format: WireFormat
  readonly operation: Operation
  /** `gen_ai.provider.name`, or the host of a provider nobody knows. */
  readonly provider: string
  readonly model: string
  readonly streaming: boolean
  readonly http: HttpRequest
  readonly run: Run | undefined
  /** Aborts with the caller and with the call's own end. */
  readonly signal: AbortSignal
  /** To whom the transport tells how far the request has come. */
  readonly progress?: TransportProgress | undefined
  /** performance.now() time until which the caller waits, where it says so. */
  readonly deadlineAt: number | undefined
  /** Which send of the same call by the layers above this is, counted from 0, where they tell (x-stainless-retry-count). */
  readonly resend: number
  readonly emit: (event: CallEvent) => void
  /** What the request does not say of what the application asked. @default nothing */
  readonly losses?: readonly Loss[]
  /** What the request says of its answer, where the first look has told. */
  readonly answerLimits?: AnswerLimits | undefined
}

/** One call of a model, frozen. `with` makes a changed copy. */
export class LlmCall {
  readonly kind = 'llm'
  readonly id: string
  readonly format: WireFormat
  readonly operation: Operation
  readonly provider: string
  readonly model: string
  readonly streaming: boolean
  /** The request as it goes out: the original bytes, unless something was changed. */
  readonly http: HttpRequest
  readonly run: Run | undefined
  readonly signal: AbortSignal
  readonly progress: TransportProgress | undefined
  readonly deadlineAt: number | undefined
  readonly resend: number
  /** Tells what happens to this call: attempts, waits, switches. Goes to whoever watches further out. */
  readonly emit: (event: CallEvent) => void
  /** Host and port that the request goes to. */
  readonly host: string
  /** What a request written in another format does not say of what the application asked. */
  readonly losses: readonly Loss[]
  /** What the request says of its answer; undefined where it has to be read for that. */
  readonly answerLimits: AnswerLimits | undefined
  #request: LlmRequest | undefined

  /** `host` is known where another call to the same URL was made before. */
  constructor(facts: LlmCallFacts, request?: LlmRequest, host?: string) {
    this.id = facts.id
    this.format = facts.format
    this.operation = facts.operation
    this.provider = facts.provider
    this.model = facts.model
    this.streaming = facts.streaming
    this.http = facts.http
    this.run = facts.run
    this.signal = facts.signal
    this.progress = facts.progress
    this.deadlineAt = facts.deadlineAt
    this.resend = facts.resend
    this.emit = facts.emit
    this.host = host ?? hostOf(facts.http.url)
    this.losses = facts.losses ?? noLosses
    this.answerLimits = facts.answerLimits
    this.#request = request
    Object.freeze(this)
  }

  /** The request in neutral form; parsed at first use. */
  get request(): LlmRequest {
    return (this.#request ??= this.format.readRequest(this.http, this.operation))
  }

  /**
   * A changed copy. The bytes that go out are written anew only where the change asks for it.
   * @throws TypeError where the target's format is only read, or this is no chat.
   */
  with(changes: LlmCallChanges): LlmCall {
    const { model, request, target } = changes
    if (target?.format !== undefined && target.format !== this.format) {
      return this.#inFormat(target.format, target, changes)
    }
    const { signal = this.signal, progress = this.progress, emit = this.emit } = changes
    let http = this.http
    let next = request
    if (model !== undefined && model !== this.model) {
      next = { ...(request ?? this.request), model }
    }
    if (next !== undefined) http = this.format.writeRequest(next, http, this.operation)
    if (target !== undefined) http = this.format.retarget(http, target)
    return new LlmCall(
      {
        id: this.id,
        format: this.format,
        operation: this.operation,
        streaming: this.streaming,
        run: this.run,
        deadlineAt: this.deadlineAt,
        resend: this.resend,
        model: next?.model ?? this.model,
        provider: target?.provider ?? (target?.baseUrl ? hostOf(http.url) : this.provider),
        http,
        signal,
        progress,
        emit,
        losses: this.losses,
        answerLimits: http === this.http ? this.answerLimits : undefined,
      },
      next ?? this.#request,
      http.url === this.http.url ? this.host : undefined,
    )
  }

  /** The call as a new request of another format. */
  #inFormat(format: WireFormat, target: Target, changes: LlmCallChanges): LlmCall {
    if (this.operation !== 'chat') throw new TypeError(`${this.operation} has no other format`)
    if (format.composeRequest === undefined) throw new TypeError(`${format.name} is only read`)
    const { model = this.model, request = this.request } = changes
    const { signal = this.signal, progress = this.progress, emit = this.emit } = changes
    const { layer } = this.http
    const asked = { ...request, model, stream: this.streaming }
    const { url, headers, body, losses, provider } = format.composeRequest(asked)
    const composed = { method: 'POST', url, headers, body, signal: this.http.signal, layer }
    const http = format.retarget(composed, target)
    return new LlmCall({
      id: this.id,
      format,
      operation: this.operation,
      streaming: this.streaming,
      run: this.run,
      deadlineAt: this.deadlineAt,
      resend: this.resend,
      model,
      provider: target.provider ?? (target.baseUrl ? undefined : provider) ?? hostOf(http.url),
      http,
      signal,
      progress,
      emit,
      losses: [...this.losses, ...losses],
    })
  }
}

const noLosses: readonly Loss[] = []

/** Results in a framework's own classes, as they can be stored and made again. */
export interface ToolResultForm {
  /** What to store, as JSON says it; undefined where the value is no object of the framework's. */
  store(value: unknown): unknown
  /** The value that was stored, as this call needs it. */
  restore(stored: unknown): unknown
  /** True for what is thrown to pause the work, not because it failed. */
  isPause?(error: unknown): boolean
}

/** One call of a tool, frozen. */
export interface ToolCall {
  readonly kind: 'tool'
  readonly id: string
  readonly name: string
  /** As the framework hands them over: usually an object, sometimes JSON text. */
  readonly arguments: unknown
  /** The id the model gave this tool call, where the framework knows it. */
  readonly toolCallId: string | undefined
  /** `langgraph`, `openai-agents`, …: who executes the tool. */
  readonly framework: string
  /** What the tool says of itself for the case that its effect is in doubt. */
  readonly inDoubt?: InDoubtPolicy | undefined
  readonly results?: ToolResultForm | undefined
  /** What the framework knows of the tool: for the model, and for whoever decides what it may do. */
  readonly description?: string | undefined
  /** JSON Schema of the arguments. */
  readonly parameters?: unknown
  /**
   * Awaited by the line right before the function runs, and not where somebody answers before: what has to be on record
   * first hangs in here.
   */
  readonly beforeEffect?: (() => Promise<void>) | undefined
  readonly run: Run | undefined
  readonly emit: (event: CallEvent) => void
}
