import type { ReplyEvent, ReplyFacts, ReplyReader } from '@holdfast/core'
import { failureOf } from '../failure/read-failure.ts'
import { object, parseJson, text } from '../json/json.ts'
import type { ReplyParser } from '../reply/reply-parser.ts'
import { replyReader } from '../reply/reply-reader.ts'
import { type EventMessage, MessageSplitter } from './message-splitter.ts'

const decoder = new TextDecoder()

/** Reads a reply whose stream is framed as an event stream of AWS. A whole answer is plain JSON. */
export function eventStreamReader(parser: ReplyParser, facts: ReplyFacts): ReplyReader {
  return facts.streaming ? new EventStreamReader(parser, facts) : replyReader(parser, facts)
}

class EventStreamReader implements ReplyReader {
  readonly #parser: ReplyParser
  readonly #facts: ReplyFacts
  readonly #splitter: MessageSplitter
  /** Reads a body that is text: an error of a gateway, a web page. */
  #plain: ReplyReader | undefined
  #out: ReplyEvent[] = []
  #sawBytes = false
  #problem: string | undefined

  constructor(parser: ReplyParser, facts: ReplyFacts) {
    this.#parser = parser
    this.#facts = facts
    this.#splitter = new MessageSplitter((message) => this.#read(message))
  }

  get complete(): boolean {
    return this.#plain?.complete ?? this.#parser.complete
  }

  get problem(): string | undefined {
    return this.#problem ?? this.#plain?.problem
  }

  push(bytes: Uint8Array): readonly ReplyEvent[] {
    if (!this.#sawBytes && bytes.length > 0) {
      this.#sawBytes = true
      // A message begins with its length, below 16 MiB in each byte of a Bedrock stream; text begins otherwise.
      if ((bytes[0] ?? 0) > 1) this.#plain = replyReader(this.#parser, this.#facts)
    }
    if (this.#plain !== undefined) return this.#plain.push(bytes)
    const out: ReplyEvent[] = []
    this.#out = out
    this.#splitter.push(bytes)
    if (this.#splitter.damaged) this.#problem ??= 'the event stream is damaged'
    return out
  }

  end(): readonly ReplyEvent[] {
    if (this.#plain !== undefined) return this.#plain.end()
    if (!this.#sawBytes) this.#problem ??= 'the body is empty'
    return []
  }

  #read({ headers, payload }: EventMessage): void {
    const source = decoder.decode(payload)
    const value = object(parseJson(source))
    const kind = headers.get(':message-type')
    if (kind === 'exception' || kind === 'error') {
      const code = headers.get(':exception-type') ?? headers.get(':error-code') ?? ''
      const message = text(value?.['message']) || headers.get(':error-message') || ''
      this.#out.push({ type: 'error', failure: failureOf({ code: exceptionName(code), message }) })
      return
    }
    if (value === undefined) {
      this.#problem ??= 'an event of the stream is not JSON'
      return
    }
    try {
      this.#parser.event(value, headers.get(':event-type') ?? '', this.#out)
    } catch {
      this.#problem ??= 'an event of the stream has another shape than the format says'
    }
  }
}

/** `throttlingException` in a stream is `ThrottlingException` elsewhere. */
function exceptionName(code: string): string {
  return code.charAt(0).toUpperCase() + code.slice(1)
}
