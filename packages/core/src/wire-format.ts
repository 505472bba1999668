import type { Target } from './call.ts'
import type { ReplyEvent } from './event.ts'
import type { Failure } from './failure.ts'
import type { HttpHeaders, HttpRequest } from './http.ts'
import type { Loss } from './loss.ts'
import type { LlmRequest } from './request.ts'

/** What a model endpoint does; `gen_ai.operation.name` is made from it. */
export type Operation = 'chat' | 'embeddings' | 'count-tokens'

/** What the first look at a request tells, without parsing all of it. */
export interface RequestFacts {
  readonly operation: Operation
  readonly model: string
  readonly streaming: boolean
  /** Undefined where only reading the request tells. */
  readonly answerLimits?: AnswerLimits | undefined
}

/** How long an answer may be, and how many there may be. */
export interface AnswerLimits {
  /** `gen_ai.request.max_tokens`; undefined where the request leaves that to the provider. */
  readonly maxTokens: number | undefined
  /** `gen_ai.request.choice.count`. @default 1 */
  readonly choiceCount: number
}

/** One provider format, read and written. Implementations are pure: bytes in, values out. */
export interface WireFormat {
  /** `openai-chat`, `openai-responses`, `anthropic-messages`, `gemini` … */
  readonly name: string
  /** Cheap look at path (and body, where the path alone does not say): undefined when this is not a request of this format. */
  recognise(request: Pick<HttpRequest, 'method' | 'url' | 'body'>): RequestFacts | undefined
  /** @throws SyntaxError when the body is not what the format says. */
  readRequest(http: HttpRequest, operation: Operation): LlmRequest
  /** The request as bytes of this format; headers and address are taken from `http`, members nobody named are kept. */
  writeRequest(request: LlmRequest, http: HttpRequest, operation: Operation): HttpRequest
  /** The same request for another address or key. */
  retarget(http: HttpRequest, target: Target): HttpRequest
  /** Reads one reply, piece by piece. */
  replyReader(facts: ReplyFacts): ReplyReader
  /**
   * A new chat request of this format that says what the neutral form says, addressed to the provider itself;
   * `retarget` gives it another address and the key. The same request always gives the same bytes. What cannot be
   * said is left out and named. Undefined where the format is only read.
   */
  composeRequest?(request: LlmRequest): ComposedRequest
  /** Writes one reply, event by event. Undefined where the format is only read. */
  replyWriter?(facts: WriterFacts): ReplyWriter
  /**
   * The bytes of a whole body, or of whole events of a stream, with some of their tool calls changed; everything else
   * stays as it came. `edits` holds one for each call that begins in the bytes, in that order. Undefined where replies
   * can only be written anew.
   */
  editToolCalls?(
    bytes: Uint8Array,
    edits: readonly ToolCallEdit[],
    facts: ToolCallEditFacts,
  ): Uint8Array
  /** Facts of an error answer. Never throws, whatever the body is. */
  readFailure(status: number, headers: HttpHeaders, body: Uint8Array): Failure
}

/** What becomes of one tool call that a reply holds; without `arguments` and `text` it stays. */
export interface ToolCallEdit {
  readonly choice: number
  /** The call's own id, where it has one: calls with another one are left alone. */
  readonly id?: string
  /** JSON text to call it with instead. */
  readonly arguments?: string
  /** Said in place of the call. */
  readonly text?: string
}

/** Where the bytes stand in their reply. */
export interface ToolCallEditFacts {
  readonly streaming: boolean
  /** Choices that have called a tool in bytes before these. */
  readonly choicesWithCalls?: ReadonlySet<number>
}

/** A request written anew, without key, and what it does not say of what was asked. */
export interface ComposedRequest {
  /** The provider's own address, with the path of the format. */
  readonly url: string
  /** Content type, and what else the format wants beside the key. */
  readonly headers: HttpHeaders
  readonly body: string
  /** Whose address it is: `gen_ai.provider.name`. */
  readonly provider?: string
  readonly losses: readonly Loss[]
}

/** What a reply is written for. */
export interface WriterFacts {
  readonly streaming: boolean
  /** The model that was asked for; the reply's own word for it comes first. */
  readonly model: string
  /** The request that is answered, where the format's answers depend on it. */
  readonly request?: LlmRequest
  /**
   * The events are another provider's. What only that one could take back is left out (signed reasoning), ids that are
   * missing are given, its words for reasons and errors become this format's own, and content without a neutral form
   * is dropped by name.
   */
  readonly foreign?: boolean
}

/**
 * Incremental writer of one reply. Streaming, each event gives its bytes at once; what belongs to the end (stop reason,
 * token counts) is written by `end`, and only where a `finish` was among the events. Whole, `end` gives the one body.
 * Bytes may be thrown away: the writer then goes on in a reply whose beginning somebody has already.
 */
export interface ReplyWriter {
  readonly contentType: string
  /** The bytes for this event; none where it has nothing to say. */
  write(event: ReplyEvent): Uint8Array
  /** No event comes any more. */
  end(): Uint8Array
  /** What of the events so far the format has no word for; grows as they come. @default nothing */
  readonly losses?: readonly Loss[]
}

export interface ReplyFacts {
  readonly operation: Operation
  readonly streaming: boolean
  /** The content-type header as it came. */
  readonly contentType: string | null
}

/** Incremental reader of one reply. Malformed input shows as an `error` event or in `problem`, never as an exception. */
export interface ReplyReader {
  /** Events that these bytes complete. Cuts may fall anywhere, inside a character too. */
  push(bytes: Uint8Array): readonly ReplyEvent[]
  /** The body is over: events that only its end completes. */
  end(): readonly ReplyEvent[]
  /** True once the provider's terminal event is in: the answer is all there. */
  readonly complete: boolean
  /** Why this is no reply of the format, once that is clear: HTML, empty, truncated JSON. */
  readonly problem: string | undefined
}
