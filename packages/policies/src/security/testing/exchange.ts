import { httpHeaders, openReply } from '@holdfast/core'
import type {
  HttpResponse,
  LlmCall,
  LlmRequest,
  Message,
  PolicyDecision,
  ReplyEvent,
} from '@holdfast/core'
import { callTo } from '../../testing/exchange.ts'
import type { Ask } from '../../testing/exchange.ts'
import type { Security } from '../security.ts'

/** How a call through security policies went. */
export interface Exchange {
  /** What went to the model; empty where nothing did. */
  readonly sent: string
  /** What came back, read by the format's own reader. */
  readonly text: string
  readonly toolArguments: string
  /** The bytes that were handed up, and those that the model answered with. */
  readonly handedUp: Buffer
  readonly answered: Buffer
  /** The text that each frame brought, in order. */
  readonly pieces: readonly string[]
  readonly decisions: readonly PolicyDecision[]
  /** What the call failed with, or its answer. */
  readonly error: unknown
}

/** What is asked, and what the model says to what it was sent. */
export interface Play extends Ask {
  readonly request?: (request: LlmRequest) => Partial<LlmRequest>
  readonly say: (sent: string) => readonly ReplyEvent[]
  /** Bytes per frame. @default 7 */
  readonly cut?: number
  /** What the server says of its answer. @default what is true */
  readonly contentType?: string
}

/** Asks a model through security policies. */
export async function play(policies: Security, asked: Play): Promise<Exchange> {
  const { request, say, cut = 7, contentType, ...ask } = asked
  const { call: plain, events } = callTo('http://model.test', ask)
  const call =
    request === undefined
      ? plain
      : plain.with({ request: { ...plain.request, ...request(plain.request) } })
  let [sent, text, toolArguments, error] = ['', '', '', undefined as unknown]
  const pieces: string[] = []
  const frames: Uint8Array[] = []
  let answered: Buffer = Buffer.alloc(0)
  const { format, streaming } = call
  const reader = format.replyReader({ operation: 'chat', streaming, contentType: null })
  const take = (said: readonly ReplyEvent[]): void => {
    let piece = ''
    for (const event of said) {
      if (event.type === 'text-delta') piece += event.text
      if (event.type === 'tool-call-delta') toolArguments += event.arguments
    }
    if (piece !== '') pieces.push(piece)
    text += piece
  }
  try {
    const reply = await policies.llm(call, (inner: LlmCall) => {
      sent = String(inner.http.body)
      const events = say(sent)
      answered = bytesOf(inner, events)
      return openReply(inner, answer(inner, events, cut, contentType))
    })
    for (let frame = await reply.next(); frame !== undefined; frame = await reply.next()) {
      frames.push(frame.bytes)
      take(reader.push(frame.bytes))
    }
    take(reader.end())
    if (reader.problem !== undefined || !reader.complete)
      throw new Error(`no good answer: ${reader.problem ?? 'incomplete'}`)
  } catch (thrown) {
    error = thrown
  }
  const decisions = events.flatMap((event) =>
    event.type === 'decision-made' ? [event.decision] : [],
  )
  const handedUp = Buffer.concat(frames)
  return { sent, text, toolArguments, handedUp, answered, pieces, decisions, error }
}

/** What a model says, as its format writes it. */
function bytesOf(call: LlmCall, events: readonly ReplyEvent[]): Buffer {
  const { format, streaming, model, request } = call
  const writer = format.replyWriter?.({ streaming, model, request })
  if (writer === undefined) throw new Error('no writer')
  return Buffer.concat([...events.map((event) => writer.write(event)), writer.end()])
}

/** The response that says these events, in pieces of a length. */
export function answer(
  call: LlmCall,
  events: readonly ReplyEvent[],
  cut: number,
  contentType: string = call.streaming ? 'text/event-stream' : 'application/json',
): HttpResponse {
  const whole = bytesOf(call, events)
  const pieces: Uint8Array[] = []
  for (let at = 0; at < whole.length; at += cut) pieces.push(whole.subarray(at, at + cut))
  return {
    status: 200,
    statusText: 'OK',
    headers: httpHeaders({ 'content-type': contentType }),
    body: {
      read: () => Promise.resolve(pieces.shift()),
      readAll: () => Promise.resolve(Buffer.concat(pieces.splice(0))),
      cancel: () => Promise.resolve(),
    },
  }
}

/** An answer of text, a delta for every few characters. */
export function textOf(text: string, delta = 5): ReplyEvent[] {
  const pieces = text.match(new RegExp(`[^]{1,${delta}}`, 'g')) ?? []
  return [
    { type: 'message-start', id: 'm', model: 'test-model' },
    ...pieces.map((piece): ReplyEvent => ({ type: 'text-delta', choice: 0, text: piece })),
    { type: 'finish', choice: 0, reason: 'stop', raw: 'stop' },
  ]
}

/** A conversation in which a tool has returned something. */
export function afterTool(result: string): readonly Message[] {
  return [
    { role: 'user', parts: [{ type: 'text', text: 'Look at the page and tell me what it says.' }] },
    {
      role: 'assistant',
      parts: [
        { type: 'tool-call', id: 'c1', name: 'fetch_page', arguments: '{"url":"https://a.test"}' },
      ],
    },
    {
      role: 'tool',
      parts: [{ type: 'tool-result', id: 'c1', parts: [{ type: 'text', text: result }] }],
    },
  ]
}
