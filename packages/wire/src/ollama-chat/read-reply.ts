import type { FinishReason, ReplyEvent, Usage } from '@holdfast/core'
import { failureOf } from '../failure/read-failure.ts'
import { type JsonObject, list, object, text } from '../json/json.ts'
import { finish, messageStart, reasoningDelta, usageOf } from '../reply/events.ts'
import type { ReplyParser } from '../reply/reply-parser.ts'

/** Reads answers of Ollama's chat and generate: the same object whole, and piece by piece. */
export class OllamaReplyParser implements ReplyParser {
  #started = false
  #toolCalls = 0
  complete = false

  event(chunk: JsonObject, _name: string, out: ReplyEvent[]): void {
    if (chunk['error'] !== undefined) {
      out.push({ type: 'error', failure: failureOf(chunk) })
      return
    }
    if (!this.#started) {
      this.#started = true
      out.push(messageStart(undefined, chunk['model']))
    }
    const message = object(chunk['message'])
    const thought = text(message?.['thinking'] ?? chunk['thinking'])
    if (thought !== '') out.push(reasoningDelta(0, { text: thought }))
    const said = text(message?.['content'] ?? chunk['response'])
    if (said !== '') out.push({ type: 'text-delta', choice: 0, text: said })
    for (const call of list(message?.['tool_calls'])) this.#toolCall(object(call) ?? {}, out)
    if (chunk['done'] === true) this.#done(chunk, out)
  }

  whole(body: JsonObject, out: ReplyEvent[]): string | undefined {
    const answer = body['message'] ?? body['response'] ?? body['error']
    if (answer === undefined) return 'no "message" in the body'
    this.event(body, '', out)
    return undefined
  }

  #toolCall(call: JsonObject, out: ReplyEvent[]): void {
    const what = object(call['function'])
    const index = this.#toolCalls++
    const name = text(what?.['name'])
    out.push({ type: 'tool-call-start', choice: 0, index, id: text(call['id']), name })
    const json = JSON.stringify(what?.['arguments'] ?? {})
    out.push({ type: 'tool-call-delta', choice: 0, index, arguments: json })
  }

  #done(chunk: JsonObject, out: ReplyEvent[]): void {
    if (this.complete) return
    this.complete = true
    const counts = ollamaUsage(chunk)
    if (counts !== undefined) out.push({ type: 'usage', usage: counts })
    // Servers before 0.1.39 give no reason.
    const raw = text(chunk['done_reason'])
    const known = raw === '' ? 'stop' : (finishReasons[raw] ?? 'other')
    const meant = known === 'stop' && this.#toolCalls > 0 ? 'tool-calls' : known
    out.push(finish(0, meant, raw))
  }
}

const finishReasons: Readonly<Record<string, FinishReason>> = { stop: 'stop', length: 'length' }

/** Token counts of Ollama: of the prompt, and of what was made of it. */
export function ollamaUsage(body: JsonObject): Usage | undefined {
  return usageOf({
    inputTokens: body['prompt_eval_count'],
    outputTokens: body['eval_count'],
    cachedInputTokens: undefined,
    cacheWriteTokens: undefined,
    reasoningTokens: undefined,
  })
}
