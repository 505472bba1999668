import type { FinishReason, ReplyEvent } from '@holdfast/core'
import { type JsonObject, list, number, object, text } from '../json/json.ts'
import { finish, usageOf } from '../reply/events.ts'
import type { ReplyParser } from '../reply/reply-parser.ts'

/** Reads answers of models that take one text. Their vendors have a name each for the text and for the end. */
export class VendorReplyParser implements ReplyParser {
  complete = false

  event(piece: JsonObject, _name: string, out: ReplyEvent[]): void {
    for (const value of piecesOf(piece)) this.#piece(value, out)
  }

  whole(body: JsonObject, out: ReplyEvent[]): string | undefined {
    this.event(body, '', out)
    this.complete = true
    return undefined
  }

  #piece(piece: JsonObject, out: ReplyEvent[]): void {
    // The last piece of Cohere's streams repeats the whole answer.
    const isLast = piece['event_type'] === 'stream-end'
    const said = isLast ? '' : firstText(piece, textNames)
    if (said !== '') out.push({ type: 'text-delta', choice: 0, text: said })
    const usage = usageOf({
      inputTokens: number(piece['prompt_token_count']) ?? piece['inputTextTokenCount'],
      outputTokens:
        number(piece['generation_token_count']) ??
        number(piece['totalOutputTextTokenCount']) ??
        piece['tokenCount'],
      cachedInputTokens: undefined,
      cacheWriteTokens: undefined,
      reasoningTokens: undefined,
    })
    if (usage !== undefined) out.push({ type: 'usage', usage })
    const raw = firstText(piece, reasonNames)
    if (raw === '' || this.complete) return
    this.complete = true
    out.push(finish(0, finishReasons[raw.toLowerCase()] ?? 'other', raw))
  }
}

/** Titan, Mistral and Cohere put their answers into lists; what is said beside the list belongs to it. */
function piecesOf(value: JsonObject): JsonObject[] {
  for (const name of ['results', 'outputs', 'generations']) {
    const [first] = list(value[name])
    if (object(first) !== undefined) return [value, object(first) as JsonObject]
  }
  const completion = object(list(value['completions'])[0])
  const data = object(completion?.['data'])
  const reason = object(completion?.['finishReason'])
  return data === undefined ? [value] : [{ text: data['text'], stop_reason: reason?.['reason'] }]
}

const textNames = ['generation', 'outputText', 'completion', 'text']
const reasonNames = ['stop_reason', 'completionReason', 'finish_reason']

function firstText(value: JsonObject, names: readonly string[]): string {
  for (const name of names) {
    if (text(value[name]) !== '') return text(value[name])
  }
  return ''
}

const finishReasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  stop_sequence: 'stop',
  finish: 'stop',
  complete: 'stop',
  endoftext: 'stop',
  end_turn: 'stop',
  length: 'length',
  max_tokens: 'length',
  content_filtered: 'content-filter',
}
