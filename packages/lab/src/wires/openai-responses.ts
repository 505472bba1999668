import type { Answer, AnswerUsage } from '../answer.ts'
import { cutArguments, cutText } from '../answer.ts'
import { memberList, members } from '../json.ts'
import type { Mark, Part } from '../move.ts'
import {
  openaiError,
  openaiErrorObject,
  openaiHeaders,
  openaiRateLimitHeaders,
} from './openai-errors.ts'
import type { Asked, Wire } from './wire.ts'

/** OpenAI Responses: items, typed events, sequence numbers. */
export const openaiResponses: Wire = {
  headers: (asked, random) => ({
    'content-type': asked.streaming ? 'text/event-stream; charset=utf-8' : 'application/json',
    ...(asked.streaming ? { 'cache-control': 'no-cache' } : {}),
    ...openaiHeaders(random),
  }),
  whole: (answer, asked) => {
    const output = answer.candidates === 'one' ? items(answer).map(({ item }) => item) : []
    return `${JSON.stringify(envelope(answer, asked, responseId(answer), output), null, 2)}\n`
  },
  stream,
  error: openaiError,
  errorEvent: (kind, context) => {
    const { type, ...error } = openaiErrorObject(kind, context)
    return event('error', {
      type: 'error',
      sequence_number: 2,
      ...error,
      code: error['code'] ?? type,
    })
  },
  errorInChunk: (kind, context) => {
    const { type, code, message } = openaiErrorObject(kind, context)
    const response = {
      id: `resp_${context.random.word(48, '0123456789abcdef')}`,
      object: 'response',
      created_at: 0,
      status: 'failed',
      error: { code: code ?? type, message },
      incomplete_details: null,
      model: context.asked.model,
      output: [],
      usage: null,
      metadata: {},
    }
    return event('response.failed', { type: 'response.failed', sequence_number: 2, response })
  },
  keepAlive: () => ': keepalive\n\n',
  rateLimitHeaders: openaiRateLimitHeaders,
}

interface Item {
  readonly id: string
  readonly item: Record<string, unknown>
}

function items(answer: Answer): Item[] {
  const made: Item[] = []
  const add = (prefix: string, item: object): void => {
    const id = `${prefix}_${answer.random.word(48, '0123456789abcdef')}`
    made.push({ id, item: { id, ...item } })
  }
  const status = answer.finish === 'length' ? 'incomplete' : 'completed'
  if (answer.reasoning !== '') {
    add('rs', { type: 'reasoning', summary: [{ type: 'summary_text', text: answer.reasoning }] })
  }
  if (answer.text !== '' || answer.refusal !== '') {
    const content = answer.refusal
      ? { type: 'refusal', refusal: answer.refusal }
      : { type: 'output_text', annotations: [], logprobs: [], text: answer.text }
    add('msg', { type: 'message', status, content: [content], role: 'assistant' })
  }
  for (const call of answer.toolCalls) {
    if (call.kind === 'shell') {
      const call_id = call.id ?? `call_${answer.random.word(24)}`
      add('sh', { type: 'shell_call', status, call_id, action: call.arguments })
      continue
    }
    add('fc', {
      type: 'function_call',
      status,
      arguments: call.argumentsText,
      call_id: call.id ?? `call_${answer.random.word(24)}`,
      name: call.name,
    })
  }
  return made
}

function stream(answer: Answer, asked: Asked): Part[] {
  const parts: Part[] = []
  let sequence = 0
  const push = (mark: Mark, type: string, data: object): void => {
    parts.push({ mark, text: event(type, { type, ...data, sequence_number: sequence++ }) })
  }

  const id = responseId(answer)
  const started = { ...envelope(answer, asked, id, []), ...inProgress }
  push('opening', 'response.created', { response: started })
  push('opening', 'response.in_progress', { response: started })

  const made = answer.candidates === 'one' ? items(answer) : []
  for (const [output_index, { id: item_id, item }] of made.entries()) {
    const at = { item_id, output_index }
    if (item['type'] === 'reasoning') {
      const empty = { type: 'summary_text', text: '' }
      const part = { type: 'summary_text', text: answer.reasoning }
      const on = { ...at, summary_index: 0 }
      push('opening', 'response.output_item.added', {
        output_index,
        item: { ...item, summary: [] },
      })
      push('opening', 'response.reasoning_summary_part.added', { ...on, part: empty })
      for (const delta of cutText(answer.reasoning, answer.chunks)) {
        push('content', 'response.reasoning_summary_text.delta', { ...on, delta })
      }
      push('closing', 'response.reasoning_summary_text.done', { ...on, text: answer.reasoning })
      push('closing', 'response.reasoning_summary_part.done', { ...on, part })
    } else if (item['type'] === 'message') {
      const part = memberList(item['content'])[0] ?? {}
      const refused = part['type'] === 'refusal'
      const kind = refused ? 'refusal' : 'output_text'
      const name = refused ? 'refusal' : 'text'
      const text = refused ? answer.refusal : answer.text
      const on = { ...at, content_index: 0 }
      const more = refused ? {} : { logprobs: [] }
      const added = { ...item, status: 'in_progress', content: [] }
      push('opening', 'response.output_item.added', { output_index, item: added })
      push('opening', 'response.content_part.added', { ...on, part: { ...part, [name]: '' } })
      for (const delta of cutText(text, answer.chunks)) {
        push('content', `response.${kind}.delta`, { ...on, delta, ...more })
      }
      push('closing', `response.${kind}.done`, { ...on, [name]: text, ...more })
      push('closing', 'response.content_part.done', { ...on, part })
    } else if (item['type'] === 'shell_call') {
      const added = { ...item, status: 'in_progress' }
      push('content', 'response.output_item.added', { output_index, item: added })
    } else {
      const added = { ...item, status: 'in_progress', arguments: '' }
      const argumentsText = String(item['arguments'])
      push('content', 'response.output_item.added', { output_index, item: added })
      for (const delta of cutArguments(argumentsText, answer.argumentChunks)) {
        push('content', 'response.function_call_arguments.delta', { ...at, delta })
      }
      push('closing', 'response.function_call_arguments.done', {
        ...at,
        arguments: argumentsText,
      })
    }
    push('closing', 'response.output_item.done', { output_index, item })
  }

  const response = envelope(
    answer,
    asked,
    id,
    made.map(({ item }) => item),
  )
  push('terminal', `response.${String(response['status'])}`, { response })
  return parts
}

const inProgress = {
  status: 'in_progress',
  completed_at: null,
  incomplete_details: null,
  output: [],
  usage: null,
}

function envelope(
  answer: Answer,
  { body }: Asked,
  id: string,
  output: readonly object[],
): Record<string, unknown> {
  const reason =
    answer.finish === 'length'
      ? 'max_output_tokens'
      : answer.finish === 'content-filter' || answer.finish === 'recitation'
        ? 'content_filter'
        : undefined
  return {
    id,
    object: 'response',
    created_at: answer.createdAt,
    status: reason === undefined ? 'completed' : 'incomplete',
    background: false,
    completed_at: reason === undefined ? answer.createdAt + 1 : null,
    error: null,
    incomplete_details: reason === undefined ? null : { reason },
    instructions: body['instructions'] ?? null,
    max_output_tokens: body['max_output_tokens'] ?? null,
    max_tool_calls: null,
    model: answer.model,
    output,
    parallel_tool_calls: body['parallel_tool_calls'] ?? true,
    previous_response_id: body['previous_response_id'] ?? null,
    prompt_cache_key: null,
    reasoning: { effort: null, summary: null, ...members(body['reasoning']) },
    safety_identifier: null,
    service_tier: 'default',
    store: body['store'] ?? true,
    temperature: body['temperature'] ?? 1,
    text: {
      format: { type: 'text' },
      verbosity: 'medium',
      ...members(body['text']),
    },
    tool_choice: body['tool_choice'] ?? 'auto',
    tools: body['tools'] ?? [],
    top_logprobs: 0,
    top_p: body['top_p'] ?? 1,
    truncation: 'disabled',
    ...(answer.usage === undefined ? {} : { usage: usage(answer.usage) }),
    user: null,
    metadata: body['metadata'] ?? {},
  }
}

function usage(counts: AnswerUsage): object {
  return {
    input_tokens: counts.inputTokens,
    input_tokens_details: { cached_tokens: counts.cachedInputTokens },
    output_tokens: counts.outputTokens,
    output_tokens_details: { reasoning_tokens: counts.reasoningTokens },
    total_tokens: counts.inputTokens + counts.outputTokens,
  }
}

function responseId(answer: Answer): string {
  return `resp_${answer.random.word(48, '0123456789abcdef')}`
}

function event(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}
