import type { Answer, AnswerToolCall, AnswerUsage } from '../answer.ts'
import { cutText } from '../answer.ts'
import type { Part } from '../move.ts'
import type { Random } from '../random.ts'
import { plainErrors } from './plain-errors.ts'
import type { Asked, Wire } from './wire.ts'

/** Ollama's own chat and generate: one JSON object per line. */
export const ollamaChat: Wire = {
  headers: (asked) => ({
    'content-type': asked.streaming ? 'application/x-ndjson' : 'application/json; charset=utf-8',
  }),
  whole: (answer, asked) => {
    const text = answer.text === '' ? answer.refusal : answer.text
    const said = {
      content: text,
      ...(answer.reasoning === '' ? {} : { thinking: answer.reasoning }),
      ...(answer.toolCalls.length === 0 ? {} : { tool_calls: toolCalls(answer) }),
    }
    return JSON.stringify({ ...piece(answer, asked, said), ...end(answer) })
  },
  stream,
  error: (kind) => {
    const { status, message } = plainErrors[kind]
    return {
      status,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ error: message }),
    }
  },
  errorEvent: (kind) => line({ error: plainErrors[kind].message }),
  errorInChunk: (kind) => line({ error: plainErrors[kind].message }),
  // Ollama sends nothing of the kind: a piece without text comes closest.
  keepAlive: (asked) =>
    line({ model: asked.model, message: { role: 'assistant', content: '' }, done: false }),
  rateLimitHeaders: () => ({}),
}

function stream(answer: Answer, asked: Asked): Part[] {
  const parts: Part[] = []
  const say = (said: Said): void => {
    parts.push({ mark: 'content', text: line({ ...piece(answer, asked, said), done: false }) })
  }
  if (answer.candidates === 'one') {
    for (const thinking of cutText(answer.reasoning, answer.chunks)) say({ content: '', thinking })
    const text = answer.text === '' ? answer.refusal : answer.text
    for (const content of cutText(text, answer.chunks)) say({ content })
    for (const call of toolCalls(answer)) say({ content: '', tool_calls: [call] })
  }
  const last = { ...piece(answer, asked, { content: '' }), ...end(answer) }
  parts.push({ mark: 'finish', text: line(last) })
  return parts
}

interface Said {
  readonly content: string
  readonly thinking?: string
  readonly tool_calls?: readonly object[]
}

/** Who asked with a prompt gets a response, who asked with messages gets one. */
function piece(answer: Answer, asked: Asked, said: Said): object {
  const created_at = new Date(answer.createdAt * 1000).toISOString()
  const base = { model: answer.model, created_at }
  if (asked.body['prompt'] === undefined)
    return { ...base, message: { role: 'assistant', ...said } }
  const { content: response, ...rest } = said
  return { ...base, response, ...rest }
}

function end({ finish, usage }: Answer): object {
  return {
    done: true,
    done_reason: finish === 'length' ? 'length' : 'stop',
    total_duration: 1_671_921_584,
    load_duration: 140_923_875,
    ...(usage === undefined ? {} : counts(usage)),
  }
}

function counts({ inputTokens, outputTokens }: AnswerUsage): object {
  return {
    prompt_eval_count: inputTokens,
    prompt_eval_duration: 248_357_042,
    eval_count: outputTokens,
    eval_duration: 469_802_920,
  }
}

function toolCalls(answer: Answer): object[] {
  return answer.toolCalls.map((call, index) => toolCall(call, index, answer.random))
}

function toolCall(call: AnswerToolCall, index: number, random: Random): object {
  const what = { index, name: call.name, arguments: call.arguments }
  return { id: call.id ?? `call_${random.word(8)}`, function: what }
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`
}
