import { isDeepStrictEqual } from 'node:util'
import {
  assemble,
  type AssembledMessage,
  type HttpRequest,
  httpHeaders,
  type LlmRequest,
  type ReplyEvent,
  type WireFormat,
} from '@holdfast/core'
import { formats, recogniseCall } from '@holdfast/wire'
import { answerOf, difference } from './answer.ts'
import type { Exchange } from './load.ts'
import { askSdk } from './sdk.ts'
import type { RecordingServer } from './serve.ts'

/** Reads a recorded request and writes it again: untouched, changed, and anew. Says what is wrong. */
export function checkRequest(exchange: Exchange): string | undefined {
  const { request } = exchange
  if (request?.body === undefined || request.method !== 'POST') return undefined
  const found = recogniseCall({ method: request.method, url: request.url, body: request.body })
  if (found?.format.name !== exchange.wire)
    return `recognised as ${found?.format.name ?? 'nothing'}`
  const { format, facts } = found
  const http = httpOf(request.url, request.body)
  const read = format.readRequest(http, facts.operation)
  const body = JSON.parse(request.body) as Readonly<Record<string, unknown>>
  const write = (after: LlmRequest): HttpRequest =>
    format.writeRequest(after, http, facts.operation)
  if (read.model !== facts.model || read.stream !== facts.streaming) return 'other first facts'
  if (write(read) !== http) return 'an untouched request is written'

  const { system, messages, tools } = read
  const same = write({ ...read, system: [...system], messages: [...messages], tools: [...tools] })
  if (!isDeepStrictEqual(bodyOf(same), body)) return 'an equal request has another body'

  // Bodies of one text have no room for another turn, and none of InvokeModel's is written from nothing.
  if (exchange.wire === 'bedrock-invoke' || exchange.api === 'ollama.generate') return undefined
  const told = { role: 'user', parts: [{ type: 'text', text: 'One thing more.' }] } as const
  const longer = { ...read, model: 'another-model', messages: [...messages, told] }
  const again = format.readRequest(httpFrom(write(longer)), facts.operation)
  if (!sameRequest(again, longer)) return 'a changed request reads otherwise than it was changed'

  const empty = httpOf(request.url, '{}')
  const anew = format.writeRequest(structuredClone(read), empty, facts.operation)
  const reread = format.readRequest(httpFrom(anew), facts.operation)
  return sameRequest(reread, read) ? undefined : 'a request written anew reads otherwise'
}

/** Writes what a recorded answer says, streamed and whole, and lets the SDK read it. Says what is wrong. */
export async function checkWriting(
  exchange: Exchange,
  server: RecordingServer,
): Promise<string | undefined> {
  const format = formats.find(({ name }) => name === exchange.wire)
  if (format === undefined || !('replyWriter' in format) || exchange.status >= 400) return undefined
  const events = eventsOf(format, exchange.streaming, exchange.body)
  const said = assemble(events)
  if (events.some((event) => event.type === 'error') || !cameToAnEnd(said)) return undefined
  for (const streaming of [true, false]) {
    const body = written(format, events, streaming)
    const reread = assemble(eventsOf(format, streaming, body))
    const kind = streaming ? 'streamed' : 'whole'
    const other = otherwise(reread, said)
    if (other !== undefined) return `written ${kind}, it reads otherwise: ${other}`
    const answer = { ...exchange, status: 200, headers: {}, body, streaming }
    const theirs = await askSdk(answer, server.baseUrl(answer))
    if ('failed' in theirs) return `written ${kind}, the SDK fails: ${theirs.failed.message}`
    const unequal = difference(answerOf(reread), theirs.answer)
    if (unequal !== undefined) return `written ${kind}: ${unequal}`
  }
  return undefined
}

function written(format: WireFormat, events: readonly ReplyEvent[], streaming: boolean): Buffer {
  const writer = format.replyWriter?.({ streaming, model: 'recorded' })
  if (writer === undefined) throw new Error(`${format.name} is only read`)
  return Buffer.concat([...events.map((event) => writer.write(event)), writer.end()])
}

/** Answers that broke off, or were queued, have no end that could be written. */
function cameToAnEnd(message: AssembledMessage): boolean {
  return (message.choices ?? [message]).every(
    ({ finishReason }) => finishReason !== undefined && finishReason !== 'other',
  )
}

function eventsOf(format: WireFormat, streaming: boolean, body: Uint8Array): ReplyEvent[] {
  const reader = format.replyReader({ operation: 'chat', streaming, contentType: null })
  return [...reader.push(body), ...reader.end()]
}

/** What differs in meaning; ids that were missing are given, JSON may be spaced anew. */
function otherwise(message: AssembledMessage, before: AssembledMessage): string | undefined {
  const choices = message.choices ?? [message]
  for (const [index, old] of (before.choices ?? [before]).entries()) {
    const choice = choices[index]
    if (choice === undefined) return 'a choice is missing'
    for (const name of ['text', 'reasoning', 'refusal', 'finishReason'] as const) {
      if (choice[name] !== old[name]) return `${name} ${choice[name]}, before ${old[name]}`
    }
    const calls = choice.toolCalls.map(({ name, arguments: json }) => [name, parsed(json)])
    const oldCalls = old.toolCalls.map(({ name, arguments: json }) => [name, parsed(json)])
    if (!isDeepStrictEqual(calls, oldCalls)) return 'tool calls'
    const ids = choice.toolCalls.map(({ id }, at) => old.toolCalls[at]?.id === '' || id)
    if (
      !isDeepStrictEqual(
        ids,
        old.toolCalls.map(({ id }) => id || true),
      )
    )
      return 'tool call ids'
  }
  const counts = { ...before.usage, ...message.usage }
  return isDeepStrictEqual(counts, { ...message.usage, ...before.usage }) ? undefined : 'usage'
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return json
  }
}

/** Whether two requests say the same; where the provider's own members stand apart, those are left out. */
function sameRequest(one: LlmRequest, other: LlmRequest): boolean {
  return isDeepStrictEqual(
    structuredClone({ ...one, extra: {} }),
    structuredClone({ ...other, extra: {} }),
  )
}

function httpOf(url: string, body: string): HttpRequest {
  const headers = httpHeaders({ 'content-length': String(Buffer.byteLength(body)) })
  return { method: 'POST', url, headers, body, signal: undefined, layer: 'fetch' }
}

/** A request that nobody has seen before: its body has to be parsed. */
function httpFrom(http: HttpRequest): HttpRequest {
  return httpOf(http.url, String(http.body))
}

function bodyOf(http: HttpRequest): unknown {
  return JSON.parse(String(http.body))
}
