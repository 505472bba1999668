import type { Loss, ReplyEvent, ReplyWriter, WireFormat, WriterFacts } from '@holdfast/core'
import { bytesOf } from '../sse/write-event.ts'
import { type Block, ReplyContent } from './blocks.ts'
import { ForeignEvents, type ForeignRules } from './foreign-events.ts'

/** What one format makes of events; how they become bytes, and when, is the same for all of them. */
export interface ReplyWording {
  /** The content type of a stream. @default server-sent events */
  readonly streamType?: string
  /** What an event says in a stream; `block` is the piece of the answer that it belongs to. */
  event(event: ReplyEvent, block: Block | undefined): string | Uint8Array
  /** What ends a stream that has come to its end. */
  end(): string | Uint8Array
  /** The whole answer. */
  whole(): unknown
}

/** `replyWriter` of a format. */
export function replyWriterOf(
  wording: (content: ReplyContent, facts: WriterFacts) => ReplyWording,
  rules: ForeignRules | ((facts: WriterFacts) => ForeignRules),
): NonNullable<WireFormat['replyWriter']> {
  return (facts) => {
    const content = new ReplyContent()
    const asked = typeof rules === 'function' ? rules(facts) : rules
    const foreign = facts.foreign === true ? new ForeignEvents(asked) : undefined
    return new Writer(content, wording(content, facts), facts.streaming, foreign)
  }
}

class Writer implements ReplyWriter {
  readonly contentType: string
  readonly #content: ReplyContent
  readonly #wording: ReplyWording
  readonly #streaming: boolean
  readonly #foreign: ForeignEvents | undefined

  constructor(
    content: ReplyContent,
    wording: ReplyWording,
    streaming: boolean,
    foreign: ForeignEvents | undefined,
  ) {
    const { streamType = 'text/event-stream; charset=utf-8' } = wording
    this.contentType = streaming ? streamType : 'application/json'
    this.#content = content
    this.#wording = wording
    this.#streaming = streaming
    this.#foreign = foreign
  }

  get losses(): readonly Loss[] {
    return this.#foreign?.losses ?? []
  }

  write(event: ReplyEvent): Uint8Array {
    const own = this.#foreign === undefined ? event : this.#foreign.own(event)
    const block = this.#content.add(own)
    return this.#streaming ? encoded(this.#wording.event(own, block)) : noBytes
  }

  end(): Uint8Array {
    this.#foreign?.end(this.#content)
    if (!this.#streaming) return bytesOf(JSON.stringify(this.#wording.whole()))
    return this.#content.finishes.length > 0 ? encoded(this.#wording.end()) : noBytes
  }
}

function encoded(said: string | Uint8Array): Uint8Array {
  return typeof said === 'string' ? bytesOf(said) : said
}

const noBytes = new Uint8Array(0)
