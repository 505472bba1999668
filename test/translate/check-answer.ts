import { isDeepStrictEqual } from 'node:util'
import {
  assemble,
  type AssembledChoice,
  type AssembledMessage,
  type CallEvent,
  type FinishReason,
  type Frame,
  type LlmReply,
  type Loss,
  openReply,
  type ReplyEvent,
  translateReply,
  type Usage,
  bytesBody,
  httpHeaders,
} from '@holdfast/core'
import { answerOf, difference } from '../recordings/answer.ts'
import type { Exchange } from '../recordings/load.ts'
import { askSdk } from '../recordings/sdk.ts'
import type { RecordingServer } from '../recordings/serve.ts'
import { callIn } from './calls.ts'
import type { Carried } from './check-request.ts'
import { type FormatName, formatNamed } from './formats.ts'

/** An answer, in the format it came in. */
export type AnswerExchange = Pick<
  Exchange,
  'file' | 'wire' | 'streaming' | 'status' | 'headers' | 'body'
>

/** True for answers that an application would be handed: all there, or an error. */
export async function canBeCarried(exchange: AnswerExchange): Promise<boolean> {
  const reply = await opened(exchange)
  if (reply.failure !== undefined) return true
  const { events } = await readAll(reply)
  const failed = events.some(({ type }) => type === 'error')
  return !failed && reply.problem() === undefined && reply.complete()
}

/** Carries an answer into another format and lets the SDK that asked read it. */
export async function checkAnswer(
  exchange: AnswerExchange,
  { from, to }: Pick<Carried, 'from' | 'to'>,
  server: RecordingServer,
): Promise<Carried> {
  const told: CallEvent[] = []
  const { streaming } = exchange
  const asked = callIn(to, { streaming, events: told })
  const reply = translateReply(await opened(exchange), asked)
  const { bytes, events } = await readAll(reply)
  const losses = told.flatMap((event) => (event.type === 'content-dropped' ? [event.loss] : []))
  const carried = { file: exchange.file, from, to, losses }
  const contentType = reply.headers.get('content-type') ?? ''
  const served = {
    ...exchange,
    wire: to,
    status: reply.status,
    headers: { 'content-type': contentType },
    body: bytes,
    streaming: reply.streaming,
  }
  const theirs = await askSdk(served as unknown as Exchange, server.baseUrl(served))
  if (reply.failure !== undefined) {
    if (!('failed' in theirs)) return { ...carried, failed: 'the SDK sees no failure' }
    const { status, message } = theirs.failed as { status?: number; message: string }
    const same = status === exchange.status && message.includes(reply.failure.message.slice(0, 60))
    return {
      ...carried,
      failed: same ? undefined : `the SDK has another failure: ${status} ${message}`,
    }
  }
  if ('failed' in theirs) return { ...carried, failed: `the SDK fails: ${theirs.failed.message}` }
  const reader = formatNamed(to).replyReader({ operation: 'chat', streaming, contentType })
  const reread = assemble([...reader.push(bytes), ...reader.end()])
  const failed =
    otherwise(assemble(events), reread, to, losses) ??
    (unreadable(losses) ? undefined : difference(answerOf(reread), theirs.answer))
  return { ...carried, failed }
}

/** Arguments that are cut off are text for us; what an SDK makes of them is its own affair. */
function unreadable(losses: readonly Loss[]): boolean {
  return losses.some(({ what }) => what.startsWith('tool arguments'))
}

function opened(exchange: AnswerExchange): Promise<LlmReply> {
  const { wire, streaming, status, headers, body } = exchange
  const call = callIn(wire as FormatName, { streaming })
  const response = { status, statusText: '', headers: httpHeaders(headers), body: bytesBody(body) }
  return openReply(call, response)
}

async function readAll(reply: LlmReply): Promise<{ bytes: Buffer; events: ReplyEvent[] }> {
  const frames: Frame[] = []
  for (let frame = await reply.next(); frame !== undefined; frame = await reply.next()) {
    frames.push(frame)
  }
  return {
    bytes: Buffer.concat(frames.map(({ bytes }) => bytes)),
    events: frames.flatMap(({ events }) => events),
  }
}

const withRefusals = new Set<FormatName>(['openai-chat', 'openai-responses'])
const withReasoning = new Set<FormatName>(['openai-chat', 'gemini'])
const withChoices = new Set<FormatName>(['openai-chat', 'gemini'])

/** Where the answer says something else than the events; what a format has no word for is named as lost. */
export function otherwise(
  said: AssembledMessage,
  read: AssembledMessage,
  to: FormatName,
  losses: readonly Loss[],
): string | undefined {
  const choices = withChoices.has(to) ? (said.choices ?? [said]) : [said]
  const others = read.choices ?? [read]
  if (choices.length !== others.length) return `${choices.length} choices, then ${others.length}`
  for (const [at, choice] of choices.entries()) {
    const other = others[at]
    if (other === undefined) continue
    const wanted = expected(choice, to)
    if (unreadable(losses)) wanted.toolCalls = comparable(other).toolCalls
    for (const name of ['text', 'reasoning', 'refusal', 'finishReason', 'toolCalls'] as const) {
      const [one, two] = [wanted[name], comparable(other)[name]]
      if (!isDeepStrictEqual(one, two)) {
        return `${name}: ${JSON.stringify(one)}, then ${JSON.stringify(two)}`
      }
    }
    const ids = other.toolCalls.map(({ id }) => id)
    if (ids.some((id) => id === '') || new Set(ids).size !== ids.length) return 'ids of tool calls'
  }
  const [one, two] = [countsOf(said.usage, to), countsOf(read.usage, to)]
  if (said.usage === undefined || isDeepStrictEqual(one, two)) return undefined
  return `usage: ${JSON.stringify(one)}, then ${JSON.stringify(two)}`
}

function expected(choice: AssembledChoice, to: FormatName): ReturnType<typeof comparable> {
  const said = comparable(choice)
  const hasRefusal = withRefusals.has(to)
  return {
    ...said,
    text: hasRefusal ? said.text : said.text + said.refusal,
    refusal: hasRefusal ? said.refusal : '',
    reasoning: withReasoning.has(to) ? said.reasoning : '',
    finishReason: reasonIn(to, choice),
  }
}

function comparable({ text, reasoning, refusal = '', finishReason, toolCalls }: AssembledChoice) {
  const calls = toolCalls.map(({ name, arguments: json }) => ({ name, arguments: jsonOf(json) }))
  return { text, reasoning, refusal, finishReason, toolCalls: calls }
}

/** The reason as the format can say it. */
function reasonIn(to: FormatName, choice: AssembledChoice): FinishReason | undefined {
  const { finishReason, refusal = '', toolCalls } = choice
  const plain: FinishReason =
    toolCalls.length > 0 && to !== 'openai-chat' && to !== 'anthropic-messages'
      ? 'tool-calls'
      : 'stop'
  switch (finishReason) {
    case 'other':
      return to === 'gemini' ? finishReason : plain
    case 'stop':
    case undefined:
      return plain
    case 'refusal':
      if (to === 'anthropic-messages') return 'refusal'
      return withRefusals.has(to) && refusal !== '' ? plain : 'content-filter'
    case 'content-filter':
      return to === 'anthropic-messages' ? 'refusal' : 'content-filter'
    case 'malformed-tool-call':
      return to === 'gemini' ? finishReason : plain
    default:
      return finishReason
  }
}

/** The counts that the format has names for; one that is missing is none. */
function countsOf(usage: Usage = {}, to: FormatName): Usage {
  const { outputTokens = 0, cachedInputTokens = 0, reasoningTokens = 0 } = usage
  const cacheWriteTokens = to === 'gemini' ? 0 : (usage.cacheWriteTokens ?? 0)
  // Where cached tokens are counted apart, the whole cannot be less than they are.
  const least = to === 'anthropic-messages' ? cachedInputTokens + cacheWriteTokens : 0
  const inputTokens = Math.max(usage.inputTokens ?? 0, least)
  return { inputTokens, outputTokens, cachedInputTokens, reasoningTokens, cacheWriteTokens }
}

function jsonOf(json: string): unknown {
  try {
    return JSON.parse(json === '' || json === 'null' ? '{}' : json)
  } catch {
    return json
  }
}
