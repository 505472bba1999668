import { HoldfastError } from '@holdfast/core'
import type { LlmCall } from '@holdfast/core'
import { tellDecision } from '../decide.ts'
import type { TextEdit } from '../edit/text-edit.ts'
import type { OwnKeys } from '../keys/own-keys.ts'
import type { PersonalDataScanner } from '../personal-data/scanner.ts'
import { ownKeyKind } from '../redaction/options.ts'
import { isPlaceholderAt, markFor } from '../redaction/placeholders.ts'
import type { SecretScanner } from '../secrets/scanner.ts'
import { type TextFinding, withoutOverlaps } from '../text-finding.ts'
import type { OutputOptions } from './options.ts'

/** What looks through the model's words. */
export interface OutputParts {
  readonly secrets: SecretScanner | undefined
  readonly personalData: PersonalDataScanner | undefined
  readonly ownKeys: OwnKeys
}

/** So much of what was handed up already is looked at again: names and words around a value say what it is. */
const contextLength = 120
/** A word that is longer is handed up in parts. */
const longestWord = 600
/** A private key in lines is held back whole up to here. */
const longestBlock = 8_000

/** Looks through what a model says, before anybody reads it. */
export class OutputFilter {
  readonly #action: NonNullable<OutputOptions['action']>
  readonly #patterns: NonNullable<OutputOptions['patterns']>
  readonly #longest: number
  readonly #parts: OutputParts

  constructor({ action = 'observe', patterns = [] }: OutputOptions, parts: OutputParts) {
    this.#action = action
    this.#patterns = patterns.map((one) => ({
      ...one,
      pattern: new RegExp(
        one.pattern,
        one.pattern.flags.includes('g') ? one.pattern.flags : `${one.pattern.flags}g`,
      ),
    }))
    this.#longest = Math.max(0, ...patterns.map(({ maxLength = 0 }) => maxLength))
    this.#parts = parts
  }

  /** It only tells, and changes nothing. */
  get watches(): boolean {
    return this.#action === 'observe'
  }

  /** For one text of an answer. */
  edit(call: LlmCall): TextEdit {
    return this.#action === 'observe' ? this.#observing(call) : this.#cutting(call)
  }

  #observing(call: LlmCall): TextEdit {
    let seen = ''
    return {
      push: (text) => {
        if (seen.length < 1_000_000) seen += text
        return text
      },
      end: () => {
        const kinds = new Set(this.#find(seen).map(({ kind }) => kind))
        if (kinds.size > 0) this.#tell(call, kinds)
        return ''
      },
    }
  }

  #cutting(call: LlmCall): TextEdit {
    let context = ''
    let held = ''
    const kinds = new Set<string>()
    const take = (all: boolean): string => {
      const text = context + held
      const from = context.length
      let cut = all ? text.length : this.#safeEnd(text, from)
      if (cut <= from) return ''
      let out = ''
      let at = from
      for (const { kind, start, end } of this.#find(text)) {
        if (end <= from) continue
        if (start >= cut) break
        if (end > cut && start >= from) {
          // It is under way: it waits for its end.
          cut = start
          break
        }
        if (!kinds.has(kind)) {
          kinds.add(kind)
          if (this.#action === 'refuse') this.#refuse(call, kind)
        }
        out += text.slice(at, Math.max(start, from)) + markFor(kind)
        at = end
      }
      out += text.slice(at, Math.max(at, cut))
      const done = Math.max(at, cut)
      held = text.slice(done)
      context = text.slice(Math.max(0, done - contextLength), done)
      return out
    }
    return {
      push: (text) => {
        held += text
        return take(false)
      },
      end: () => {
        const rest = take(true)
        if (kinds.size > 0) this.#tell(call, kinds)
        return rest
      },
    }
  }

  /** Up to where nothing can be the beginning of what is looked for: the last word may be, and groups of digits. */
  #safeEnd(text: string, from: number): number {
    let end = text.length
    while (end > from && text.length - end < longestWord && !/\s/.test(text[end - 1] ?? '')) end--
    const groups = /(?:(?<![^\s(])[A-Z]{0,4}\d[\dA-Z.()-]*[ -]){1,12}$/.exec(
      text.slice(Math.max(from, end - 60), end),
    )
    if (groups !== null) end -= groups[0].length
    const block = text.lastIndexOf('-----BEGIN')
    if (
      block >= from &&
      block < end &&
      !text.includes('-----END', block) &&
      text.length - block < longestBlock
    )
      end = block
    return Math.max(from, Math.min(end, text.length - this.#longest))
  }

  #find(text: string): readonly TextFinding[] {
    const { secrets, personalData, ownKeys } = this.#parts
    const found: TextFinding[] = [
      ...ownKeys.placesIn(text).map(([start, end]) => ({ kind: ownKeyKind, start, end })),
      ...(secrets?.scan(text) ?? []),
      ...(personalData?.scan(text) ?? []),
    ]
    for (const { name, pattern } of this.#patterns) {
      for (const match of text.matchAll(pattern)) {
        if (match[0] !== '')
          found.push({ kind: name, start: match.index, end: match.index + match[0].length })
      }
    }
    return withoutOverlaps(found.filter((place) => !isPlaceholderAt(text, place)))
  }

  #refuse(call: LlmCall, kind: string): never {
    this.#tell(call, new Set([kind]))
    throw new HoldfastError(
      'CALL_REFUSED',
      `The answer of ${call.model} holds ${plain(kind)}, and security.output refuses it`,
    )
  }

  #tell(call: LlmCall, kinds: ReadonlySet<string>): void {
    const verdict = ({ observe: 'warn', redact: 'change', refuse: 'deny' } as const)[this.#action]
    tellDecision(call, {
      policy: 'security.output',
      verdict,
      enforced: this.#action !== 'observe',
      rule: 'output.text',
      reason: 'The answer holds what a model should not say.',
      subject: { kind: 'text', name: 'reply', data: [...kinds].map(plain) },
    })
  }
}

function plain(kind: string): string {
  return kind.replace(/^pii\./, '')
}
