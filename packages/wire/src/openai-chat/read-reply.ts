import type { FinishReason, ReplyEvent, Usage } from '@holdfast/core'
import { failureOf } from '../failure/read-failure.ts'
import { type JsonObject, jsonText, list, number, object, text } from '../json/json.ts'
import { finish, messageStart, reasoningDelta, usageOf } from '../reply/events.ts'
import type { ReplyParser } from '../reply/reply-parser.ts'

interface OpenCall {
  /** The provider's own index, where it gives one. */
  readonly wireIndex: number | undefined
  readonly index: number
  id: string
  name: string
  started: boolean
  /** Arguments that came before the name. */
  pending: string
}

interface Choice {
  readonly index: number
  readonly calls: OpenCall[]
  finished: string | undefined
}

/** Reads answers of /chat/completions, from OpenAI and from those who speak its format with an accent. */
export class ChatReplyParser implements ReplyParser {
  readonly #choices: Choice[] = []
  #started = false
  #unfinished = 0
  #counted = false
  #done = false

  /**
   * Every choice has its finish_reason. Two servers need [DONE] to be believed: LiteLLM finishes the first of
   * several choices only, and Snowflake Cortex finishes none, but counts the answer in a closing usage chunk.
   */
  get complete(): boolean {
    const { length } = this.#choices
    if (length === 0) return false
    return this.#unfinished === 0 || (this.#done && (this.#counted || this.#unfinished < length))
  }

  done(out: ReplyEvent[]): void {
    this.#done = true
    if (this.#choices.length > 0 && !this.complete) out.push(unfinished)
  }

  event(chunk: JsonObject, name: string, out: ReplyEvent[]): void {
    const choices = list(chunk['choices'])
    if (!this.#started && (choices.length > 0 || text(chunk['id']) !== '')) {
      this.#started = true
      out.push(messageStart(chunk['id'], chunk['model']))
    }
    for (const choice of choices) this.#choice(object(choice) ?? {}, false, out)
    const usage = object(chunk['usage']) ?? object(object(chunk['x_groq'])?.['usage'])
    if (usage !== undefined) {
      if (choices.length === 0) this.#counted = true
      const counts = chatUsage(usage)
      if (counts !== undefined) out.push({ type: 'usage', usage: counts })
    }
    if (isError(chunk) || name === 'error') out.push({ type: 'error', failure: failureOf(chunk) })
  }

  whole(body: JsonObject, out: ReplyEvent[]): string | undefined {
    if (isError(body)) {
      out.push({ type: 'error', failure: failureOf(body) })
      return undefined
    }
    if (!Array.isArray(body['choices'])) return 'no "choices" in the body'
    out.push(messageStart(body['id'], body['model']))
    for (const choice of body['choices'] as unknown[]) this.#choice(object(choice) ?? {}, true, out)
    const usage = object(body['usage'])
    const counts = usage && chatUsage(usage)
    if (counts !== undefined) out.push({ type: 'usage', usage: counts })
    return body['choices'].length === 0 ? 'the list of choices is empty' : undefined
  }

  #choice(value: JsonObject, whole: boolean, out: ReplyEvent[]): void {
    const choice = this.#choiceAt(number(value['index']) ?? 0)
    // Perplexity sends both members, each of them empty where the other one is meant.
    const delta = whole
      ? (object(value['message']) ?? object(value['delta']))
      : (object(value['delta']) ?? object(value['message']))
    if (delta !== undefined) this.#delta(choice, delta, whole, out)
    const raw = value['finish_reason']
    if (typeof raw === 'string' && raw !== '' && choice.finished !== raw) {
      if (choice.finished === undefined) this.#unfinished--
      choice.finished = raw
      for (const call of choice.calls) if (!call.started) startCall(choice.index, call, out)
      out.push(finish(choice.index, finishReasons[raw] ?? 'other', raw))
    }
  }

  #choiceAt(index: number): Choice {
    const known = this.#choices.find((choice) => choice.index === index)
    if (known !== undefined) return known
    const choice: Choice = { index, calls: [], finished: undefined }
    this.#choices.push(choice)
    this.#unfinished++
    return choice
  }

  #delta(choice: Choice, delta: JsonObject, whole: boolean, out: ReplyEvent[]): void {
    readReasoning(choice.index, delta, out)
    const content = delta['content']
    if (typeof content === 'string') {
      if (content !== '') out.push({ type: 'text-delta', choice: choice.index, text: content })
    } else if (Array.isArray(content)) {
      for (const part of content as unknown[]) readPart(choice.index, object(part) ?? {}, out)
    }
    const refusal = delta['refusal']
    if (typeof refusal === 'string' && refusal !== '') {
      out.push({ type: 'refusal-delta', choice: choice.index, text: refusal })
    }
    const calls = delta['tool_calls']
    if (Array.isArray(calls)) {
      for (const [position, call] of calls.entries()) {
        this.#toolCall(choice, object(call) ?? {}, whole ? position : undefined, out)
      }
    }
    const legacy = object(delta['function_call'])
    if (legacy !== undefined) {
      this.#toolCall(choice, { index: 0, id: '', function: legacy }, undefined, out)
    }
    for (const name of otherMembers) {
      const value = delta[name]
      if (value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)) {
        out.push({ type: 'other-content', name, value })
      }
    }
  }

  #toolCall(
    choice: Choice,
    value: JsonObject,
    position: number | undefined,
    out: ReplyEvent[],
  ): void {
    const what = object(value['function']) ?? object(value['custom']) ?? {}
    const id = text(value['id'])
    const name = text(what['name'])
    const wireIndex = position ?? number(value['index'])
    let call = findCall(choice.calls, wireIndex, id, name)
    if (call === undefined) {
      call = { wireIndex, index: choice.calls.length, id, name, started: false, pending: '' }
      choice.calls.push(call)
    } else {
      if (call.id === '') call.id = id
      if (!call.started && name !== '') call.name = name
    }
    const piece = jsonText(what['arguments'] ?? what['input'])
    if (!call.started && call.name !== '') startCall(choice.index, call, out)
    if (piece === '') return
    if (call.started) {
      out.push({
        type: 'tool-call-delta',
        choice: choice.index,
        index: call.index,
        arguments: piece,
      })
    } else call.pending += piece
  }
}

/** The call that a delta continues. Who sends no index (Mistral) is understood by id. */
function findCall(
  calls: readonly OpenCall[],
  wireIndex: number | undefined,
  id: string,
  name: string,
): OpenCall | undefined {
  for (let at = calls.length - 1; at >= 0; at--) {
    const call = calls[at]
    if (call === undefined) continue
    if (wireIndex === undefined) {
      if (id === '' ? name === '' : call.id === id) return call
    } else if (call.wireIndex === wireIndex) {
      // Some servers give every parallel call the index 0: another id with another name is another call.
      const another = id !== '' && call.id !== '' && id !== call.id && name !== '' && call.started
      return another ? undefined : call
    }
  }
  return undefined
}

function startCall(choice: number, call: OpenCall, out: ReplyEvent[]): void {
  call.started = true
  const { index, id, name, pending } = call
  out.push({ type: 'tool-call-start', choice, index, id, name })
  if (pending !== '') out.push({ type: 'tool-call-delta', choice, index, arguments: pending })
}

/** Reasoning has three names: reasoning_content, reasoning (with reasoning_details), reasoning_text. */
function readReasoning(choice: number, delta: JsonObject, out: ReplyEvent[]): void {
  const plain =
    text(delta['reasoning_content']) || text(delta['reasoning']) || text(delta['reasoning_text'])
  if (plain !== '') out.push(reasoningDelta(choice, { text: plain }))
  const details = delta['reasoning_details']
  if (Array.isArray(details)) {
    for (const value of details as unknown[]) {
      const detail = object(value) ?? {}
      const signature = text(detail['signature'])
      const encrypted = text(detail['data'])
      const unsaid = plain === '' ? text(detail['text']) || text(detail['summary']) : ''
      if (unsaid + signature + encrypted !== '') {
        out.push(reasoningDelta(choice, { text: unsaid, signature, encrypted }))
      }
    }
  }
  const opaque = text(delta['reasoning_opaque']) || text(delta['reasoning_encrypted'])
  if (opaque !== '') out.push(reasoningDelta(choice, { encrypted: opaque }))
}

/** A typed part of an array content (Mistral). */
function readPart(choice: number, part: JsonObject, out: ReplyEvent[]): void {
  switch (part['type']) {
    case 'text':
      if (text(part['text']) !== '') {
        out.push({ type: 'text-delta', choice, text: text(part['text']) })
      }
      return
    case 'thinking': {
      const thinking = part['thinking']
      const plain =
        typeof thinking === 'string'
          ? thinking
          : list(thinking)
              .map((piece) => text(object(piece)?.['text']))
              .join('')
      const signature = text(part['signature'])
      if (plain + signature !== '') out.push(reasoningDelta(choice, { text: plain, signature }))
      return
    }
    case 'refusal':
      out.push({ type: 'refusal-delta', choice, text: text(part['refusal']) })
      return
    default:
      out.push({ type: 'other-content', name: text(part['type']) || 'part', value: part })
  }
}

const otherMembers = ['audio', 'images', 'annotations', 'executed_tools'] as const

const finishReasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  eos: 'stop',
  end_turn: 'stop',
  length: 'length',
  max_tokens: 'length',
  model_length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
  sensitive: 'content-filter',
  refusal: 'refusal',
  // Gemini's endpoint of this format says it so.
  'function_call_filter: MALFORMED_FUNCTION_CALL': 'malformed-tool-call',
}

/** SDKs stop reading at [DONE], whatever is missing. */
const unfinished: ReplyEvent = {
  type: 'error',
  failure: { type: 'unfinished', message: 'the stream is done before its answer is finished' },
}

function isError(value: JsonObject): boolean {
  return (value['error'] !== undefined && value['error'] !== null) || value['object'] === 'error'
}

/** Token counts of the chat format, in the names of their many authors. */
export function chatUsage(usage: JsonObject): Usage | undefined {
  const input = object(usage['prompt_tokens_details'])
  const output = object(usage['completion_tokens_details'])
  const prompt = number(usage['prompt_tokens'])
  const completion = number(usage['completion_tokens'])
  const reasoning = number(output?.['reasoning_tokens']) ?? number(usage['reasoning_tokens'])
  // xAI counts reasoning beside the completion; the total gives it away.
  const beside =
    reasoning !== undefined &&
    reasoning > 0 &&
    number(usage['total_tokens']) === (prompt ?? 0) + (completion ?? 0) + reasoning
  return usageOf({
    inputTokens: prompt,
    outputTokens: beside ? (completion ?? 0) + reasoning : completion,
    cachedInputTokens: input?.['cached_tokens'] ?? usage['prompt_cache_hit_tokens'],
    cacheWriteTokens: input?.['cache_write_tokens'] ?? input?.['cache_creation_tokens'],
    reasoningTokens: reasoning,
  })
}
