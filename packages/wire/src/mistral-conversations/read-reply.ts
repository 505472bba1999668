import type { ReplyEvent, Usage } from '@holdfast/core'
import { failureOf } from '../failure/read-failure.ts'
import { type JsonObject, jsonText, list, number, object, text } from '../json/json.ts'
import { finish, messageStart, reasoningDelta, usageOf } from '../reply/events.ts'
import type { ReplyParser } from '../reply/reply-parser.ts'

/** Reads answers of Mistral's conversations. */
export class ConversationsReplyParser implements ReplyParser {
  /** Places of the function calls that have begun, by their ids. */
  readonly #calls = new Map<string, number>()
  #model: unknown
  complete = false

  event(event: JsonObject, name: string, out: ReplyEvent[]): void {
    switch (text(event['type']) || name) {
      case 'conversation.response.started':
        out.push(messageStart(event['conversation_id'], undefined))
        return
      case 'message.output.delta':
        this.#names(event, out)
        readContent(event['content'], out)
        return
      case 'function.call.delta':
        this.#names(event, out)
        this.#call(event, out)
        return
      case 'conversation.response.done':
        this.#end(object(event['usage']), out)
        return
      case 'conversation.response.error': {
        const { message, code } = event
        out.push({ type: 'error', failure: failureOf({ message, code }) })
        return
      }
      default:
        // Connectors and agents that the provider runs itself.
        if (/^(tool\.execution|agent\.handoff)/.test(text(event['type']) || name)) {
          out.push({ type: 'other-content', name: 'progress', value: event })
        }
    }
  }

  whole(body: JsonObject, out: ReplyEvent[]): string | undefined {
    if (!Array.isArray(body['outputs'])) {
      if (body['message'] === undefined && body['detail'] === undefined) {
        return 'no "outputs" in the body'
      }
      out.push({ type: 'error', failure: failureOf(body) })
      return undefined
    }
    const outputs = (body['outputs'] as unknown[]).map((entry) => object(entry) ?? {})
    const model = outputs.map((entry) => entry['model']).find((name) => text(name) !== '')
    out.push(messageStart(body['conversation_id'], model))
    for (const entry of outputs) {
      const type = text(entry['type'])
      if (type === 'message.output') readContent(entry['content'], out)
      else if (type === 'function.call') this.#call(entry, out)
      else out.push({ type: 'other-content', name: type || 'entry', value: entry })
    }
    this.#end(object(body['usage']), out)
    return undefined
  }

  /** The model is named by each piece, and not by the beginning. */
  #names({ model }: JsonObject, out: ReplyEvent[]): void {
    if (this.#model !== undefined || text(model) === '') return
    this.#model = model
    out.push(messageStart(undefined, model))
  }

  #call(call: JsonObject, out: ReplyEvent[]): void {
    const id = text(call['tool_call_id'])
    let index = this.#calls.get(id)
    if (index === undefined) {
      index = this.#calls.size
      this.#calls.set(id, index)
      const name = text(call['name'])
      out.push({ type: 'tool-call-start', choice: 0, index, id, name })
    }
    const piece = jsonText(call['arguments'])
    if (piece !== '') out.push({ type: 'tool-call-delta', choice: 0, index, arguments: piece })
  }

  /** There is no word for why it ended: calls of functions are what is left to do. */
  #end(usage: JsonObject | undefined, out: ReplyEvent[]): void {
    if (this.complete) return
    this.complete = true
    const counts = usage && conversationsUsage(usage)
    if (counts !== undefined) out.push({ type: 'usage', usage: counts })
    out.push(finish(0, this.#calls.size > 0 ? 'tool-calls' : 'stop', ''))
  }
}

function readContent(content: unknown, out: ReplyEvent[]): void {
  for (const value of Array.isArray(content) ? (content as unknown[]) : [content]) {
    const part = object(value)
    const said = part === undefined ? text(value) : text(part['text'])
    if (said !== '') out.push({ type: 'text-delta', choice: 0, text: said })
    else if (part?.['type'] === 'thinking') {
      const pieces = list(part['thinking']).map((piece) => text(object(piece)?.['text']))
      if (pieces.join('') !== '') out.push(reasoningDelta(0, { text: pieces.join('') }))
    } else if (part !== undefined && part['type'] !== 'text') {
      out.push({ type: 'other-content', name: text(part['type']) || 'part', value })
    }
  }
}

/** Token counts of a conversation: what connectors have read counts among the input, as it does in the total. */
function conversationsUsage(usage: JsonObject): Usage | undefined {
  const prompt = number(usage['prompt_tokens'])
  const connectors = number(usage['connector_tokens']) ?? 0
  return usageOf({
    inputTokens: prompt === undefined ? undefined : prompt + connectors,
    outputTokens: usage['completion_tokens'],
    cachedInputTokens: undefined,
    cacheWriteTokens: undefined,
    reasoningTokens: undefined,
  })
}
