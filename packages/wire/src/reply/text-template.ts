import type { ReplyEvent } from '@holdfast/core'

/** An event that is one more piece of text, and nothing else. */
type TextEvent = Extract<ReplyEvent, { type: 'text-delta' | 'reasoning-delta' }>

/** A place in an event's source where the next event may differ. */
interface Hole {
  readonly start: number
  readonly end: number
  readonly kind: 'text' | 'string' | 'number'
}

const backslash = 92
/** Members that change from event to event and say nothing: random padding, and a counter. */
const paddings = ['"obfuscation":"', '"p":"'] as const
const counter = '"sequence_number":'

/**
 * Most events of a stream are the one before with another text. Where one is, letter by letter, its text is all there
 * is to read, and the JSON around it, parsed once, need not be parsed again: a fifth of the time.
 * A source that does not fit exactly is simply parsed.
 */
export class TextTemplate {
  readonly name: string
  readonly #event: TextEvent
  readonly #literals: readonly string[]
  readonly #kinds: readonly Hole['kind'][]

  private constructor(name: string, event: TextEvent, source: string, holes: readonly Hole[]) {
    this.name = name
    this.#event = event
    this.#kinds = holes.map(({ kind }) => kind)
    this.#literals = [...holes, { start: source.length }].map(({ start }, index) =>
      source.slice(holes[index - 1]?.end ?? 0, start),
    )
  }

  /** What the next events can be compared with; undefined where the text cannot be told apart in the source. */
  static of(source: string, name: string, events: readonly ReplyEvent[]): TextTemplate | undefined {
    const [event] = events
    if (events.length !== 1 || event === undefined) return undefined
    if (event.type !== 'text-delta' && event.type !== 'reasoning-delta') return undefined
    if (event.type === 'reasoning-delta' && (event.signature ?? event.encrypted) !== undefined)
      return undefined
    const quoted = JSON.stringify(event.text)
    const at = source.indexOf(quoted)
    if (at < 0 || source.includes(quoted, at + 1)) return undefined
    const holes: Hole[] = [{ start: at + 1, end: at + quoted.length - 1, kind: 'text' }]
    for (const padding of paddings) {
      const start = source.indexOf(padding) + padding.length
      if (start < padding.length) continue
      const end = source.indexOf('"', start)
      if (source.charCodeAt(end - 1) === backslash) return undefined
      holes.push({ start, end, kind: 'string' })
    }
    const start = source.indexOf(counter) + counter.length
    if (start >= counter.length)
      holes.push({ start, end: digitsEnd(source, start), kind: 'number' })
    holes.sort((one, other) => one.start - other.start)
    return new TextTemplate(name, event, source, holes)
  }

  /** The event that the source is, where it fits; else undefined. */
  read(source: string): TextEvent | undefined {
    let text = ''
    let at = 0
    for (let index = 0; index < this.#kinds.length; index++) {
      const literal = this.#literals[index] ?? ''
      if (!source.startsWith(literal, at)) return undefined
      const start = at + literal.length
      if (this.#kinds[index] === 'number') {
        at = digitsEnd(source, start)
        if (at === start) return undefined
        continue
      }
      at = source.indexOf('"', start)
      // After a backslash it is a quote inside of the string.
      if (at < 0 || source.charCodeAt(at - 1) === backslash) return undefined
      if (this.#kinds[index] === 'text') text = source.slice(start, at)
    }
    const last = this.#literals.at(-1) ?? ''
    if (at + last.length !== source.length || !source.endsWith(last)) return undefined
    const plain = text.includes('\\') ? unescaped(text) : text
    // Without text it may be another kind of event.
    if (plain === undefined || plain === '') return undefined
    const { type, choice } = this.#event
    return { type, choice, text: plain }
  }
}

function unescaped(text: string): string | undefined {
  try {
    return JSON.parse(`"${text}"`) as string
  } catch {
    return undefined
  }
}

function digitsEnd(source: string, start: number): number {
  let end = start
  for (let code = source.charCodeAt(end); code >= 48 && code <= 57;) code = source.charCodeAt(++end)
  return end
}
