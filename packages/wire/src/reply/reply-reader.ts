import type { ReplyEvent, ReplyFacts, ReplyReader } from '@holdfast/core'
import { JsonArraySplitter } from '../json/array-splitter.ts'
import { object, parseJson } from '../json/json.ts'
import { type SseHandler, SseSplitter } from '../sse/sse-splitter.ts'
import type { ReplyParser } from './reply-parser.ts'
import { TextTemplate } from './text-template.ts'
import { type CountsOf, UsageParser } from './usage-parser.ts'

/** Reads a reply of the given format, whole or streamed. */
export function replyReader(parser: ReplyParser, facts: ReplyFacts): ReplyReader {
  return facts.streaming ? new StreamReader(parser) : new WholeReader(parser)
}

/** Chat answers go to the format's own parser; the other operations are read for their usage. */
export function parserFor(
  { operation }: ReplyFacts,
  ChatParser: new () => ReplyParser,
  countsOf: CountsOf,
): ReplyParser {
  return operation === 'chat' ? new ChatParser() : new UsageParser(countsOf)
}

// Whole bodies need no memory of what was cut: one decoder serves them all.
const decoder = new TextDecoder()

/** A body that is one JSON object: read at its end. */
class WholeReader implements ReplyReader {
  readonly #parser: ReplyParser
  #pieces: Uint8Array[] = []
  complete = false
  problem: string | undefined

  constructor(parser: ReplyParser) {
    this.#parser = parser
  }

  push(bytes: Uint8Array): readonly ReplyEvent[] {
    this.#pieces.push(bytes)
    return []
  }

  end(): readonly ReplyEvent[] {
    const [first, ...more] = this.#pieces
    this.#pieces = []
    const source = decoder.decode(
      more.length === 0 ? first : Buffer.concat([first ?? noBytes, ...more]),
    )
    const out: ReplyEvent[] = []
    this.problem = readWhole(this.#parser, source, out)
    this.complete = this.problem === undefined && !out.some((event) => event.type === 'error')
    return out
  }
}

const noBytes = new Uint8Array(0)

/** So many templates are tried for one stream: its text, its reasoning, and some that never fit. */
const mostLessons = 12

type Kind = 'unknown' | 'events' | 'array' | 'object' | 'other'

/** A stream of server-sent events, or of the elements of one JSON array. */
class StreamReader implements ReplyReader, SseHandler {
  readonly #parser: ReplyParser
  readonly #decoder = new TextDecoder()
  readonly #decoding = { stream: true }
  #kind: Kind = 'unknown'
  #events: SseSplitter | undefined
  #array: JsonArraySplitter | undefined
  #source = ''
  #out: ReplyEvent[] = []
  #sawAnything = false
  #template: TextTemplate | undefined
  #lessons = 0
  problem: string | undefined

  constructor(parser: ReplyParser) {
    this.#parser = parser
  }

  get complete(): boolean {
    return this.#parser.complete
  }

  push(bytes: Uint8Array): readonly ReplyEvent[] {
    const out: ReplyEvent[] = []
    this.#out = out
    this.#read(this.#decoder.decode(bytes, this.#decoding))
    return out
  }

  end(): readonly ReplyEvent[] {
    const out: ReplyEvent[] = []
    this.#out = out
    this.#read(this.#decoder.decode())
    this.#events?.end()
    if (this.#kind === 'object') this.#readObject()
    if (!this.#sawAnything && this.#events?.sawField !== true) {
      this.problem ??= whatItIs(this.#source)
    }
    return out
  }

  event(data: string, name: string): boolean {
    this.#sawAnything = true
    if (data.startsWith('[DONE]')) {
      this.#parser.done?.(this.#out)
      return true
    }
    const again = this.#template?.name === name ? this.#template.read(data) : undefined
    if (again !== undefined) {
      this.#out.push(again)
      return true
    }
    const value = object(parseJson(data))
    if (value === undefined) return false
    const before = this.#out.length
    try {
      this.#parser.event(value, name, this.#out)
    } catch {
      this.problem ??= 'an event of the stream has another shape than the format says'
      return true
    }
    this.#learn(data, name, before)
    return true
  }

  /** The next events may be like this one. Where they never are, nobody goes on trying. */
  #learn(data: string, name: string, before: number): void {
    if (this.#lessons === mostLessons) return
    if (this.#out.length !== before + 1) return
    const template = TextTemplate.of(data, name, this.#out.slice(before))
    if (template === undefined) return
    this.#lessons++
    this.#template = template
  }

  untaken(data: string): void {
    if (data !== '') this.problem ??= 'an event of the stream is not JSON'
  }

  comment(): void {
    this.#sawAnything = true
    this.#out.push({ type: 'keep-alive' })
  }

  #read(piece: string): void {
    if (this.#events !== undefined) this.#events.push(piece)
    else if (this.#array !== undefined) this.#array.push(piece)
    else if (this.#kind !== 'other') {
      this.#source += piece
      if (this.#kind === 'unknown') this.#begin()
      if (this.#kind === 'object' && piece.trimEnd().endsWith('}')) this.#readObject()
    }
  }

  /** One object instead of a stream is the provider's error, or an answer that no SDK reads as a stream. */
  #readObject(): void {
    if (this.#sawAnything) return
    const value = object(parseJson(this.#source))
    if (value === undefined) return
    this.#sawAnything = true
    const problem = readWhole(this.#parser, this.#source, this.#out)
    if (this.#out.some((event) => event.type === 'error')) return
    this.problem = problem ?? 'one JSON object where a stream was asked for'
  }

  /** The first character that is no space tells what the body is. */
  #begin(): void {
    const first = this.#source.trimStart()
    if (first === '') return
    if (first.startsWith('[')) {
      this.#kind = 'array'
      this.#array = new JsonArraySplitter((source) => {
        if (!this.event(source, '')) this.untaken(source)
      })
      this.#array.push(first)
    } else if (first.startsWith('{')) this.#kind = 'object'
    else if (first.startsWith('<')) {
      this.#kind = 'other'
      this.problem = whatItIs(first)
    } else {
      this.#kind = 'events'
      this.#events = new SseSplitter(this)
      this.#events.push(this.#source)
      this.#source = first.slice(0, 64)
    }
  }
}

function readWhole(parser: ReplyParser, source: string, out: ReplyEvent[]): string | undefined {
  const value = object(parseJson(source))
  if (value === undefined) return whatItIs(source)
  try {
    return parser.whole(value, out)
  } catch {
    return 'another shape than the format says'
  }
}

/** What a body that is no answer is instead, in words that hold nothing of it. */
function whatItIs(source: string): string {
  const first = source.trimStart()
  if (first === '') return 'the body is empty'
  if (first.startsWith('<')) return 'the body is HTML, not JSON'
  if (/^[{[]/.test(first)) return 'the JSON of the body is cut off or broken'
  if (/^(data|event|id|retry)?:/.test(first))
    return 'the body is an event stream, not one JSON object'
  return 'the body is plain text, not JSON'
}
