import type { ReplyEvent } from '@holdfast/core'
import { type JsonObject, object } from '../json/json.ts'
import { ChatReplyParser } from '../openai-chat/read-reply.ts'
import type { ReplyParser } from '../reply/reply-parser.ts'

/** Reads answers of completions: chat's, with the text in the choice itself. Mistral's are chat's altogether. */
export class CompletionsReplyParser implements ReplyParser {
  readonly #chat = new ChatReplyParser()

  get complete(): boolean {
    return this.#chat.complete
  }

  done(out: ReplyEvent[]): void {
    this.#chat.done(out)
  }

  event(chunk: JsonObject, name: string, out: ReplyEvent[]): void {
    this.#chat.event(asChat(chunk, 'delta'), name, out)
  }

  whole(body: JsonObject, out: ReplyEvent[]): string | undefined {
    return this.#chat.whole(asChat(body, 'message'), out)
  }
}

function asChat(value: JsonObject, name: 'delta' | 'message'): JsonObject {
  if (!Array.isArray(value['choices'])) return value
  const choices = (value['choices'] as unknown[]).map((one) => {
    const choice = object(one)
    const text = choice?.['text']
    return typeof text === 'string' ? { ...choice, [name]: { content: text } } : one
  })
  return { ...value, choices }
}
