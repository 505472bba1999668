import type { Answer } from '../answer.ts'
import type { HeadHeaders, Part } from '../move.ts'
import type { Random } from '../random.ts'

/** How a stream is framed. */
export type Framing = 'sse' | 'json-array' | 'aws' | 'lines'

/** What a wire needs to know of a request to answer it. */
export interface Asked {
  readonly body: Readonly<Record<string, unknown>>
  readonly model: string
  readonly streaming: boolean
  /** How a stream is framed: server-sent events, Gemini's one JSON array, AWS's binary messages, lines of JSON. */
  readonly framing: Framing
}

/** The errors that providers answer with, by what they mean. */
export type ErrorKind =
  | 'rate-limit'
  | 'quota'
  | 'credit'
  | 'spend-limit'
  | 'billing'
  | 'overloaded'
  | 'server'
  | 'unavailable'
  | 'bad-gateway'
  | 'gateway-timeout'
  | 'request-timeout'
  | 'conflict'
  | 'invalid-request'
  | 'unprocessable'
  | 'context-length'
  | 'too-large'
  | 'invalid-key'
  | 'forbidden'
  | 'region'
  | 'model-not-found'
  | 'model-deprecated'
  | 'content-filter'

/** An error as its provider writes it. */
export interface ErrorReply {
  readonly status: number
  readonly headers: HeadHeaders
  readonly body: string
}

/** What an error is about. */
export interface ErrorContext {
  readonly asked: Asked
  readonly random: Random
  /** When the provider says to come back, where it says so in the body. */
  readonly retryAfterMs?: number
}

/** One provider format: how it writes a good answer and how it writes an error. */
export interface Wire {
  /** The headers of a good answer. */
  headers(asked: Asked, random: Random): HeadHeaders
  /** The body of an answer that is not streamed. */
  whole(answer: Answer, asked: Asked): string
  /** The pieces of a streamed answer, one event each. */
  stream(answer: Answer, asked: Asked): Part[]
  /** An error with its status. */
  error(kind: ErrorKind, context: ErrorContext): ErrorReply
  /** An error inside a stream that began with 200, as an event of its own. */
  errorEvent(kind: ErrorKind, context: ErrorContext): string | Uint8Array
  /** An error inside an event that otherwise looks like any other. */
  errorInChunk(kind: ErrorKind, context: ErrorContext): string | Uint8Array
  /** Bytes that keep a stream alive and say nothing. */
  keepAlive(asked: Asked): string | Uint8Array
  /** Rate-limit headers that say when the limit is whole again. */
  rateLimitHeaders(resetMs: number): HeadHeaders
}
