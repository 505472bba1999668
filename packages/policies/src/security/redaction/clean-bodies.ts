import { commonEnd, commonStart } from '@holdfast/core'
import type { LlmCall, Run } from '@holdfast/core'
import { bodyText } from './without-own-keys.ts'

/** What is new in a request whose rest was looked through before. */
export interface NewPart {
  /** As it stands in the body; bytes are taken as they are. */
  readonly raw: string
  /** The same without names of tool calls, where it reads as it stands: nothing but quotes and ends of lines is escaped. */
  readonly plain: string | undefined
  /** What it says: escapes are what they stand for. Undefined where the request has to be read. */
  said(): string | undefined
}

interface CleanBody {
  readonly text: string
  readonly format: string
  readonly operation: string
  /** Of what was looked for. */
  readonly version: number
}

/** Characters of bodies that are remembered, and of one. */
const mostCharacters = 4_000_000
const longestBody = 500_000
/** A part that is longer is read as a request: patterns look at so much of a text only. */
const longestPart = 6_000
/** So much of what is around a new part is looked at with it: names and words in front of a value say what it is. */
const around = 64

/**
 * The latest body of each conversation in which nothing stood that may not go out. The next one mostly begins with it:
 * what has to be looked at are the strings that are not the same, and no request has to be read for that.
 */
export class CleanBodies {
  readonly #bodies = new Map<string, CleanBody>()
  #characters = 0
  /** What stood behind the conversation in the latest body as in the one before: it stays the same in most. */
  #sameAfter = 0

  /** What is new since the conversation's latest clean body; undefined where the request has to be read. */
  newIn(call: LlmCall, version: number): NewPart | undefined {
    const known = this.#bodies.get(conversationOf(call.run))
    if (known === undefined || known.version !== version) return undefined
    if (known.format !== call.format.name || known.operation !== call.operation) return undefined
    const text = bodyText(call.http)
    const [from, to] = this.#strangeIn(text, known.text)
    if (to - from > longestPart) return undefined
    const raw = text.slice(from, to)
    const isText = typeof call.http.body === 'string'
    return {
      raw,
      plain: isText && !readsOtherwise(raw) ? raw.replace(callIds, '""') : undefined,
      said() {
        const said = saidBy(isText ? raw : utf8(raw))
        return said === undefined || needsReading(said) ? undefined : said.replace(callIds, '""')
      },
    }
  }

  /** Where the strings stand that are not the same in both, with what is around them. */
  #strangeIn(text: string, known: string): readonly [from: number, to: number] {
    const same = commonStart(text, known, known.length - this.#sameAfter)
    if (same === text.length && same === known.length) return [0, 0]
    const most = Math.min(text.length, known.length) - same
    this.#sameAfter = commonEnd(text, known, most, this.#sameAfter)
    const start = stringStart(text, same - 1)
    // Not in the middle of an id.
    const from = start <= around ? 0 : text.indexOf('"', start - around)
    return [from, Math.min(text.length, stringEnd(text, text.length - this.#sameAfter) + around)]
  }

  /** Nothing stands in the body of the call that may not go out. */
  remember(call: LlmCall, version: number): void {
    const name = conversationOf(call.run)
    this.#characters -= this.#bodies.get(name)?.text.length ?? 0
    this.#bodies.delete(name)
    const text = bodyText(call.http)
    if (text.length > longestBody) return
    this.#bodies.set(name, { text, version, format: call.format.name, operation: call.operation })
    this.#characters += text.length
    for (const [oldest, body] of this.#bodies) {
      if (this.#characters <= mostCharacters) return
      this.#characters -= body.text.length
      this.#bodies.delete(oldest)
    }
  }
}

/** Documents may be base64, and an option of a command counts at the beginning of a text: a part of a body shows neither. */
function needsReading(said: string): boolean {
  return /"(?:-|bytes")/.test(said) || namesMedia(said)
}

/** True for what escapes, more lines than one, or documents make something else of. */
function readsOtherwise(raw: string): boolean {
  return /\\[^"n]|[\n\r\t]|"-|"bytes"/.test(raw) || namesMedia(raw)
}

function namesMedia(text: string): boolean {
  return text.includes('/') && /text\/|[/+](?:json|xml|yaml)/.test(text)
}

/** Names of tool calls, which are no texts. */
const callIds = /"(?:tool_call_|tool_use_|call_)?id":"(?:call|toolu|fc|tooluse)_[\w-]{6,64}"/g

function conversationOf(run: Run | undefined): string {
  return run === undefined ? '' : (run.session ?? run.id)
}

/** A place in front of the string that a place stands in. Inside of a string each quote has a backslash before it. */
function stringStart(text: string, at: number): number {
  if (at < 0) return 0
  let quote = text.lastIndexOf('"', at)
  while (quote > 0 && text.charCodeAt(quote - 1) === backslash)
    quote = text.lastIndexOf('"', quote - 1)
  return Math.max(0, quote)
}

/** A place behind it. */
function stringEnd(text: string, at: number): number {
  let quote = text.indexOf('"', at)
  while (quote > 0 && text.charCodeAt(quote - 1) === backslash) quote = text.indexOf('"', quote + 1)
  return quote < 0 ? text.length : quote + 1
}

const backslash = 92

/**
 * The text with its escapes as what they stand for. Undefined for JSON over several lines: whoever writes it puts more
 * between a name and its value than patterns look across.
 */
function saidBy(raw: string): string | undefined {
  // Quotes and ends of lines are all that most texts have. (replaceAll leaves a text in pieces, which is slow to read.)
  if (!/\\[^"n]|[\n\r\t]/.test(raw)) {
    return raw.includes('\\') ? raw.replace(/\\"/g, '"').replace(/\\n/g, '\n') : raw
  }
  if (/[\n\r\t]/.test(raw)) return undefined
  return raw.replace(/\\(?:u([\da-fA-F]{4})|([^]))/g, (_, code?: string, mark = '') =>
    code === undefined ? (marks[mark] ?? mark) : String.fromCharCode(Number.parseInt(code, 16)),
  )
}

const marks: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }

function utf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString()
}
