import type { Target } from './call.ts'
import type { ReplyEvent } from './event.ts'
import type { Failure } from './failure.ts'
import type { HttpHeaders, HttpRequest } from './http.ts'
import type { LlmRequest } from './request.ts'

/** What a model endpoint does; `gen_ai.operation.name` is made from it. */
export type Operation = 'chat' | 'embeddings' | 'count-tokens'

/** What the first look at a request tells, without parsing all of it. */
export interface RequestFacts {
  readonly operation: Operation
  readonly model: string
  readonly streaming: boolean
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
  /** Bytes of this format that say what the events say: one piece per event when streaming, else one body. */
  writeReply(
    events: readonly ReplyEvent[],
    facts: { readonly streaming: boolean; readonly model: string },
  ): Uint8Array[]
  /** Facts of an error answer. Never throws, whatever the body is. */
  readFailure(status: number, headers: HttpHeaders, body: Uint8Array): Failure
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
