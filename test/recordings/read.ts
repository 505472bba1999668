import {
  assemble,
  type Failure,
  type HttpBody,
  httpHeaders,
  LlmCall,
  type LlmReply,
  openReply,
  type ReplyEvent,
} from '@holdfast/core'
import { formats } from '@holdfast/wire'
import { type Answer, answerOf } from './answer.ts'
import type { Exchange } from './load.ts'

/** What Holdfast reads out of a recorded answer. */
export interface Reading {
  readonly answer: Answer
  /** The provider's own error: an error answer, or an error inside a 200. */
  readonly failure: Failure | undefined
  readonly problem: string | undefined
  readonly complete: boolean
  /** The frames that were handed on, joined, are the bytes that came in. */
  readonly identical: boolean
}

/** Reads an answer as Holdfast does it, its bytes arriving in the given pieces. */
export async function readAnswer(
  exchange: Exchange,
  pieces: readonly Uint8Array[],
): Promise<Reading> {
  const reply = await openReply(callOf(exchange), {
    status: exchange.status,
    statusText: '',
    headers: httpHeaders(exchange.headers),
    body: bodyOf(pieces),
  })
  const { bytes, events } = await readAll(reply)
  const failed = events.find((event) => event.type === 'error')
  return {
    answer: answerOf(assemble(events)),
    failure: reply.failure ?? failed?.failure,
    problem: reply.failure ? undefined : reply.problem(),
    complete: reply.failure ? true : reply.complete(),
    identical: Buffer.from(exchange.body).equals(bytes),
  }
}

async function readAll(
  reply: LlmReply,
): Promise<{ readonly bytes: Buffer; readonly events: ReplyEvent[] }> {
  const all: Uint8Array[] = []
  const events: ReplyEvent[] = []
  for (let frame = await reply.next(); frame !== undefined; frame = await reply.next()) {
    all.push(frame.bytes)
    events.push(...frame.events)
  }
  return { bytes: Buffer.concat(all), events }
}

function callOf(exchange: Exchange): LlmCall {
  const format = formats.find((format) => format.name === exchange.wire)
  if (format === undefined) throw new Error(`no wire format is called ${exchange.wire}`)
  const { request } = exchange
  return new LlmCall({
    id: exchange.file,
    format,
    operation: 'chat',
    provider: 'recorded',
    model: 'recorded',
    streaming: exchange.streaming,
    http: {
      method: request?.method ?? 'POST',
      url: request?.url ?? 'https://recorded.example/',
      headers: httpHeaders(),
      body: request?.body,
      signal: undefined,
      layer: 'fetch',
    },
    run: undefined,
    signal: new AbortController().signal,
    deadlineAt: undefined,
    resend: 0,
    emit: () => {},
  })
}

function bodyOf(pieces: readonly Uint8Array[]): HttpBody {
  let next = 0
  return {
    read: () => Promise.resolve(pieces[next++]),
    readAll() {
      const left = Buffer.concat(pieces.slice(next))
      next = pieces.length
      return Promise.resolve(left)
    },
    cancel: () => Promise.resolve(),
  }
}
