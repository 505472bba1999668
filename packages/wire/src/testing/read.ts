import { assemble } from '@holdfast/core'
import type {
  AssembledMessage,
  Operation,
  ReplyEvent,
  ReplyReader,
  WireFormat,
} from '@holdfast/core'

/** What a test knows of a reply that was read. */
export interface Read {
  readonly events: readonly ReplyEvent[]
  readonly message: AssembledMessage
  readonly complete: boolean
  readonly problem: string | undefined
}

/** Reads a reply whose bytes arrive in pieces of the given sizes, the rest in one piece. */
export function read(
  format: WireFormat,
  body: string | Uint8Array,
  options: {
    readonly streaming?: boolean
    readonly operation?: Operation
    readonly sizes?: readonly number[]
  } = {},
): Read {
  const { streaming = true, operation = 'chat', sizes = [] } = options
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  const reader: ReplyReader = format.replyReader({ operation, streaming, contentType: null })
  const events: ReplyEvent[] = []
  let at = 0
  for (const size of [...sizes, bytes.length]) {
    if (at >= bytes.length && at > 0) break
    events.push(...reader.push(bytes.subarray(at, at + size)))
    at += size
  }
  events.push(...reader.end())
  return {
    events,
    message: assemble(events),
    complete: reader.complete,
    problem: reader.problem,
  }
}

/** A stream of server-sent events, each with the given JSON. */
export function stream(...values: readonly (object | string)[]): string {
  return values
    .map((value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`)
    .join('')
}
