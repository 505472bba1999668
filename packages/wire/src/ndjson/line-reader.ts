import type { ReplyEvent, ReplyFacts, ReplyReader } from '@holdfast/core'
import { object, parseJson } from '../json/json.ts'
import type { ReplyParser } from '../reply/reply-parser.ts'
import { replyReader } from '../reply/reply-reader.ts'

/** Reads a reply whose stream is one JSON object per line. A whole answer is one object. */
export function lineReader(parser: ReplyParser, facts: ReplyFacts): ReplyReader {
  return facts.streaming ? new LineReader(parser, facts) : replyReader(parser, facts)
}

class LineReader implements ReplyReader {
  readonly #parser: ReplyParser
  readonly #facts: ReplyFacts
  readonly #decoder = new TextDecoder()
  /** Reads a body that is no such stream: a web page, an error of a gateway. */
  #plain: ReplyReader | undefined
  #line = ''
  #sawObject = false
  #problem: string | undefined

  constructor(parser: ReplyParser, facts: ReplyFacts) {
    this.#parser = parser
    this.#facts = facts
  }

  get complete(): boolean {
    return this.#plain?.complete ?? this.#parser.complete
  }

  get problem(): string | undefined {
    return this.#problem ?? this.#plain?.problem
  }

  push(bytes: Uint8Array): readonly ReplyEvent[] {
    const out: ReplyEvent[] = []
    this.#read(this.#decoder.decode(bytes, { stream: true }), out)
    return out
  }

  end(): readonly ReplyEvent[] {
    const out: ReplyEvent[] = []
    this.#read(this.#decoder.decode(), out)
    const last = this.#line
    this.#line = ''
    // The last line may lack its end; where it is cut, the answer is not complete either.
    const isStream = this.#plain === undefined && this.#take(last, out, true) && this.#sawObject
    if (!isStream && this.#plain === undefined) this.#goPlain(last, out)
    if (this.#plain !== undefined) out.push(...this.#plain.end())
    return out
  }

  #read(piece: string, out: ReplyEvent[]): void {
    if (this.#plain !== undefined) {
      out.push(...this.#plain.push(encoder.encode(piece)))
      return
    }
    let start = 0
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', start)) {
      const line = this.#line + piece.slice(start, end)
      this.#line = ''
      start = end + 1
      if (!this.#take(line, out)) {
        this.#goPlain(line + piece.slice(end), out)
        return
      }
    }
    this.#line += start === 0 ? piece : piece.slice(start)
  }

  /** Reads a line; false where it shows that this is no such stream at all. */
  #take(line: string, out: ReplyEvent[], isLast = false): boolean {
    if (line.trim() === '') return true
    const value = object(parseJson(line))
    if (value !== undefined) {
      this.#sawObject = true
      try {
        this.#parser.event(value, '', out)
      } catch {
        this.#problem ??= 'a line of the stream has another shape than the format says'
      }
      return true
    }
    if (!this.#sawObject) return false
    if (!isLast) this.#problem ??= 'a line of the stream is not JSON'
    return true
  }

  #goPlain(text: string, out: ReplyEvent[]): void {
    this.#plain = replyReader(this.#parser, this.#facts)
    out.push(...this.#plain.push(encoder.encode(text)))
  }
}

const encoder = new TextEncoder()
