import { HoldfastError } from '@holdfast/core'
import type { LlmCall, LlmRequest } from '@holdfast/core'
import { tellDecision } from '../decide.ts'
import type { OwnKeys } from '../keys/own-keys.ts'
import type { PersonalDataScanner } from '../personal-data/scanner.ts'
import type { SecretScanner } from '../secrets/scanner.ts'
import { type TextFinding, withoutOverlaps } from '../text-finding.ts'
import { ownKeyKind, type RedactionMode, type RedactionModes } from './options.ts'
import { isPlaceholderAt, markFor } from './placeholders.ts'
import { mapRequestTexts, type TextPlace } from './request-texts.ts'
import type { Vault } from './vault.ts'

/** What is looked for in texts, and what is done about it. */
export interface Redacting {
  readonly modes: RedactionModes
  readonly secrets: SecretScanner | undefined
  readonly personalData: PersonalDataScanner | undefined
  readonly ownKeys: OwnKeys
  /** Of texts that are looked at. @default 6 */
  readonly fewestCharacters?: number
}

interface Place extends TextFinding {
  readonly mode: RedactionMode
}

const mostPasses = 5
/** Characters of texts whose places are remembered. */
const mostCharacters = 4_000_000
/** Shorter texts hold nothing, unless somebody has recognizers of their own. */
const shortestText = 6

/** Takes values out of requests. What a text holds is found once; a conversation that grows costs what is new in it. */
export class Redactor {
  readonly #redacting: Redacting
  readonly #shortest: number
  readonly #places = new Map<string, readonly Place[]>()
  #characters = 0
  #version = 0

  constructor(redacting: Redacting) {
    this.#redacting = redacting
    this.#shortest = redacting.fewestCharacters ?? shortestText
  }

  /**
   * The request with what may not go out taken out of it; the very same request where there is nothing.
   * @throws HoldfastError CALL_REFUSED where a kind is blocked
   */
  redact(call: LlmCall, request: LlmRequest, vault: Vault): LlmRequest {
    const { version } = this.#redacting.ownKeys
    if (version !== this.#version) this.#places.clear()
    this.#version = version
    vault.lookedForIn(version)
    const kinds = new Set<string>()
    let redacted: LlmRequest | undefined
    // A value that became known late may stand in texts before it: they are looked at once more.
    for (let pass = 0; redacted === undefined; pass++) {
      if (pass === mostPasses)
        throw new Error('a request shows new values however often it is read')
      redacted = this.#pass(call, request, vault, kinds)
    }
    if (redacted === request) return request
    tellDecision(call, {
      policy: 'security.redaction',
      verdict: 'change',
      rule: 'redaction.request',
      reason: 'The request goes out without what it may not hold.',
      subject: { kind: 'text', name: 'request', data: [...kinds].map(plain) },
    })
    return redacted
  }

  /** False for a text in which it is seen at a glance that nothing has to be taken out. */
  mayFindIn(text: string): boolean {
    const { secrets, personalData } = this.#redacting
    return secrets?.mayFind(text) === true || personalData?.mayFind(text) === true
  }

  /** True for a text of which nothing has to be taken out; it is not remembered. */
  findsNothingIn(text: string): boolean {
    return this.#find(text).length === 0
  }

  /** The request with its texts redacted; undefined where that made values known that were not before. */
  #pass(
    call: LlmCall,
    request: LlmRequest,
    vault: Vault,
    kinds: Set<string>,
  ): LlmRequest | undefined {
    const { size } = vault
    let count = 0
    const redacted = mapRequestTexts(request, (text, where) => {
      if (text.length < this.#shortest) return text
      const place = count++
      let changed = vault.redacted(text, place)
      if (changed === undefined) {
        for (const one of this.#placesOf(text))
          this.#know(call, valueAt(text, one, where), one, vault)
        if (vault.size !== size) return text
        changed = this.#redactText(text, { where, place }, vault)
      }
      if (changed !== text) for (const { kind } of this.#placesOf(text)) kinds.add(kind)
      return changed
    })
    return vault.size === size ? redacted : undefined
  }

  #redactText(
    text: string,
    { where, place }: { readonly where: TextPlace; readonly place: number },
    vault: Vault,
  ): string {
    const cut = cutOut(text, this.#placesOf(text), vault, where)
    const changed =
      where === 'arguments' && cut !== text && isJson(text) && !isJson(cut)
        ? this.#redactJson(text, vault)
        : cut
    vault.remember(text, changed, place)
    return changed
  }

  /** Where a value was no string, cutting it out leaves no JSON: what takes its place is one. */
  #redactJson(text: string, vault: Vault): string {
    const places = this.#placesOf(text)
    const replace = (value: unknown): unknown => {
      if (typeof value === 'string' || typeof value === 'number') {
        const said = String(value)
        // Its name said what it is: what was found around it counts too.
        const whole = places.find(({ start, end }) => text.slice(start, end) === said)
        if (whole !== undefined) return standIn(said, whole, vault)
        const cut = cutOut(said, this.#placesOf(said), vault, 'arguments')
        return cut === said ? value : cut
      }
      if (Array.isArray(value)) return value.map(replace)
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, replace(one)]))
    }
    return JSON.stringify(replace(JSON.parse(text)))
  }

  #know(call: LlmCall, value: string, { mode, kind }: Place, vault: Vault): void {
    if (mode === 'reversible') vault.placeholderOf(value, kind)
    else if (mode === 'irreversible') vault.hide(value, markFor(kind))
    if (mode !== 'block') return
    tellDecision(call, {
      policy: 'security.redaction',
      verdict: 'deny',
      rule: 'redaction.block',
      reason: `${plain(kind)} may not go to a model.`,
      subject: { kind: 'text', name: 'request', data: [plain(kind)] },
    })
    throw new HoldfastError(
      'CALL_REFUSED',
      `The request to ${call.model} holds ${plain(kind)}, which security.redaction blocks; take it out, or set another mode for the kind`,
    )
  }

  /** What stands in a text; found once. */
  #placesOf(text: string): readonly Place[] {
    const known = this.#places.get(text)
    if (known !== undefined) return known
    const places = this.#find(text)
    this.#characters += text.length
    if (this.#characters > mostCharacters) {
      this.#places.clear()
      this.#characters = text.length
    }
    this.#places.set(text, places)
    return places
  }

  #find(text: string): readonly Place[] {
    const found = this.#scan(text)
    // In JSON and in code, what an escape stands for ends a word; as it is written it is a letter of the next one.
    if (text.includes('\\')) found.push(...this.#scan(text.replace(/\\[nrtbf"\\/]/g, '  ')))
    return joined(found.filter((place) => !isPlaceholderAt(text, place)))
  }

  #scan(text: string): Place[] {
    const { modes, secrets, personalData, ownKeys } = this.#redacting
    const places: Place[] = ownKeys
      .placesIn(text)
      .map(([start, end]) => ({ kind: ownKeyKind, start, end, mode: modes.of(ownKeyKind) }))
    for (const { kind, start, end } of secrets?.scan(text) ?? []) {
      const mode = modes.of(kind)
      if (mode !== 'off') places.push({ kind, start, end, mode })
    }
    for (const { kind, risk, start, end } of personalData?.scan(text) ?? []) {
      const mode = modes.of(kind, risk)
      if (mode !== 'off') places.push({ kind, start, end, mode })
    }
    return places
  }
}

/** The text with placeholders and marks where values stood, also those that are known from elsewhere. */
function cutOut(text: string, places: readonly Place[], vault: Vault, where: TextPlace): string {
  const known = vault.placesIn(text)
  if (places.length === 0 && known.length === 0) return text
  const cuts = places.map((place) => ({
    ...place,
    by: standIn(valueAt(text, place, where), place, vault),
  }))
  for (const [start, end, by] of known) {
    if (!cuts.some((cut) => start < cut.end && cut.start < end))
      cuts.push({ kind: '', mode: 'reversible', start, end, by })
  }
  let result = ''
  let at = 0
  for (const { start, end, by } of withoutOverlaps(cuts)) {
    result += text.slice(at, start) + by
    at = end
  }
  return result + text.slice(at)
}

function standIn(value: string, { kind, mode }: Place, vault: Vault): string {
  return mode === 'reversible' ? vault.placeholderOf(value, kind) : markFor(kind)
}

/** The value at a place; in JSON text, what its escapes stand for. */
function valueAt(text: string, { start, end }: TextFinding, where: TextPlace): string {
  const written = text.slice(start, end)
  if (where !== 'arguments' || !written.includes('\\')) return written
  try {
    return JSON.parse(`"${written}"`) as string
  } catch {
    return written
  }
}

const strictness: readonly RedactionMode[] = ['off', 'reversible', 'irreversible', 'block']

/** Places in order; those that overlap are one, as long as both and as strict as the stricter. */
function joined(places: readonly Place[]): readonly Place[] {
  const sorted = places.toSorted((one, other) => one.start - other.start || other.end - one.end)
  const kept: Place[] = []
  for (const place of sorted) {
    const last = kept.at(-1)
    if (last === undefined || place.start >= last.end) {
      kept.push(place)
      continue
    }
    const longer = place.end - place.start > last.end - last.start ? place : last
    const mode =
      strictness.indexOf(place.mode) > strictness.indexOf(last.mode) ? place.mode : last.mode
    const end = Math.max(last.end, place.end)
    kept[kept.length - 1] = { kind: longer.kind, mode, start: last.start, end }
  }
  return kept
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function plain(kind: string): string {
  return kind.replace(/^pii\./, '')
}
