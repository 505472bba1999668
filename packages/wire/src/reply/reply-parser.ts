import type { ReplyEvent } from '@holdfast/core'
import type { JsonObject } from '../json/json.ts'

/** What one format makes of parsed JSON; how the bytes become JSON is the same for all of them. */
export interface ReplyParser {
  /** One event of a stream; `name` is the SSE event name, or empty. */
  event(value: JsonObject, name: string, out: ReplyEvent[]): void
  /** A whole body. Returns why it is no answer of the format, or undefined. */
  whole(value: JsonObject, out: ReplyEvent[]): string | undefined
  /** The stream's own end mark, `data: [DONE]`. */
  done?(out: ReplyEvent[]): void
  /** True once the provider's terminal event is in. */
  readonly complete: boolean
}
