import type { Run } from '@holdfast/core'
import { type TextSearch, textSearch } from '../keys/text-search.ts'
import { issuedForm, placeholderFor, placeholderPattern } from './placeholders.ts'

/** What placeholders are made with; here from the first call on. */
export interface PlaceholderKey {
  key: string | Uint8Array
}

/** Values of one session at most; the oldest are forgotten first, and known again when they are seen again. */
const mostValues = 100_000
/** Characters of texts whose redacted form is remembered, per session. */
const mostCharacters = 1_000_000
/** Sessions whose texts are remembered; of the others only the values are. */
const mostWarm = 50

/** Texts of one request whose places are remembered. */
const mostPlaces = 2_000
/** Shorter values stand in other texts by chance. */
const shortestSought = 8

/** What placeholders of one session stand for. In memory only. */
export class Vault {
  readonly #values = new Map<string, string>()
  readonly #placeholders = new Map<string, string>()
  /** Values that nobody gets back, and their marks. */
  readonly #hidden = new Map<string, string>()
  readonly #key: PlaceholderKey
  readonly #session: string
  readonly #texts = new Map<string, string>()
  /** The texts of the latest request in order, and what became of them: most stand where they stood. */
  #before: string[] = []
  #redactedBefore: string[] = []
  #characters = 0
  #search: TextSearch | undefined
  #byValue: ReadonlyMap<string, string> = new Map()

  readonly #also: Vault | undefined
  #version = 0
  #issued = 0

  constructor(
    key: PlaceholderKey,
    session: string,
    /** Knows the values too. */
    also?: Vault,
  ) {
    this.#key = key
    this.#session = session
    this.#also = also
  }

  /** Grows with every value that becomes known. */
  get size(): number {
    return this.#issued
  }

  get isEmpty(): boolean {
    return this.#values.size === 0
  }

  /** No value of its session has to be taken out wherever it stands. */
  get knowsNothing(): boolean {
    return this.#values.size === 0 && this.#hidden.size === 0
  }

  /** What stands for a value. */
  placeholderOf(value: string, kind: string): string {
    const name = `${kind}\n${value}`
    const known = this.#placeholders.get(name)
    if (known !== undefined) return known
    const placeholder = placeholderFor(value, kind, this.#key.key, this.#session)
    this.#placeholders.set(name, placeholder)
    this.#values.set(placeholder, value)
    this.#issued++
    this.#also?.placeholderOf(value, kind)
    this.forgetTexts()
    if (this.#values.size > mostValues) this.#forgetOldest()
    return placeholder
  }

  /** From now on a mark takes the place of a value, wherever it stands. */
  hide(value: string, mark: string): void {
    if (value.length < shortestSought || this.#hidden.has(value)) return
    this.#hidden.set(value, mark)
    this.#issued++
    this.forgetTexts()
    const [oldest] = this.#hidden.keys()
    if (this.#hidden.size > mostValues && oldest !== undefined) this.#hidden.delete(oldest)
  }

  /** What a placeholder stands for; undefined where this session has not issued it. */
  valueOf(placeholder: string): string | undefined {
    return this.#values.get(placeholder)
  }

  /** The text with its values again. Placeholders of others stay. */
  reveal(text: string, written: (value: string) => string = (value) => value): string {
    if (this.isEmpty || !text.includes('PRIVATE')) return text
    return text.replace(placeholderPattern, (found) => {
      const value = this.#values.get(issuedForm(found))
      return value === undefined ? found : written(value)
    })
  }

  /** Where values stand that are known already, whatever is around them. */
  placesIn(text: string): readonly (readonly [start: number, end: number, by: string])[] {
    if (this.isEmpty && this.#hidden.size === 0) return []
    if (this.#search === undefined) {
      const long = [...this.#values].filter(([, value]) => value.length >= shortestSought)
      // What is hidden stays hidden.
      this.#byValue = new Map([
        ...long.map(([placeholder, value]) => [value, placeholder] as const),
        ...this.#hidden,
      ])
      this.#search = textSearch(this.#byValue.keys())
    }
    return this.#search
      .placesIn(text)
      .map(([start, end]) => [start, end, this.#byValue.get(text.slice(start, end)) ?? ''])
  }

  /** What is looked for has another version: texts have to be looked at again. */
  lookedForIn(version: number): void {
    if (this.#version !== version) this.forgetTexts()
    this.#version = version
  }

  /**
   * The redacted form of a text, as far as it is remembered; `place` is where it stands among the texts of its request.
   * Good until another value is known.
   */
  redacted(text: string, place: number): string | undefined {
    // Two long texts are compared sooner than one is hashed.
    if (this.#before[place] === text) return this.#redactedBefore[place]
    const redacted = this.#texts.get(text)
    if (redacted !== undefined) this.#stands(text, redacted, place)
    return redacted
  }

  remember(text: string, redacted: string, place: number): void {
    this.#characters += text.length
    if (this.#characters > mostCharacters) this.forgetTexts()
    this.#texts.set(text, redacted)
    this.#stands(text, redacted, place)
  }

  #stands(text: string, redacted: string, place: number): void {
    // No holes: who begins in the middle is looked up.
    if (place > this.#before.length || place >= mostPlaces) return
    this.#before[place] = text
    this.#redactedBefore[place] = redacted
  }

  /** Forgets what became of texts; they are looked at again. */
  forgetTexts(): void {
    this.#texts.clear()
    this.#before = []
    this.#redactedBefore = []
    this.#characters = 0
    this.#search = undefined
  }

  #forgetOldest(): void {
    const [oldest] = this.#values
    if (oldest !== undefined) this.#values.delete(oldest[0])
    const [name] = this.#placeholders
    if (name !== undefined) this.#placeholders.delete(name[0])
  }
}

/** The vaults of all sessions; the ones that were not used for longest are dropped first. */
export class Vaults {
  readonly #key: PlaceholderKey
  readonly #mostSessions: number
  readonly #bySession = new Map<string, Vault>()
  readonly #byRun = new WeakMap<Run, Vault>()
  readonly #warmest = new Set<Vault>()
  #latest: Vault | undefined
  /** Of calls that belong to nobody. */
  readonly #nobodys: Vault

  constructor(key: PlaceholderKey, mostSessions: number) {
    this.#key = key
    this.#mostSessions = mostSessions
    this.#nobodys = new Vault(key, '')
  }

  /** No value has to be taken out of the run's requests wherever it stands. */
  knowsNothingOf(run: Run | undefined): boolean {
    return run === undefined || this.of(run).knowsNothing
  }

  /** Values with their placeholders, for who decides about them and hands them to nobody. */
  known(run: Run | undefined): Vault {
    return run === undefined ? this.#nobodys : this.of(run)
  }

  /** The vault of a run's session, else of the run. A call that belongs to nobody has one of its own. */
  of(run: Run | undefined): Vault {
    if (run === undefined) return new Vault(this.#key, '', this.#nobodys)
    let vault = this.#byRun.get(run)
    if (vault === undefined) {
      const session = sessionOf(run)
      vault = this.#bySession.get(session) ?? new Vault(this.#key, session)
      this.#byRun.set(run, vault)
      this.#bySession.delete(session)
      this.#bySession.set(session, vault)
      const [oldest] = this.#bySession.keys()
      if (this.#bySession.size > this.#mostSessions && oldest !== undefined)
        this.#bySession.delete(oldest)
    }
    this.#warm(vault)
    return vault
  }

  #warm(vault: Vault): void {
    if (vault === this.#latest) return
    this.#latest = vault
    this.#warmest.delete(vault)
    this.#warmest.add(vault)
    const [coldest] = this.#warmest
    if (this.#warmest.size <= mostWarm || coldest === undefined) return
    this.#warmest.delete(coldest)
    coldest.forgetTexts()
  }
}

/** Who shares placeholders: the runs of one session of one user, else a run and those that it started. */
function sessionOf(run: Run): string {
  const { tenant = '', user = '', session } = run
  let root = run
  while (root.parent !== undefined) root = root.parent
  return JSON.stringify([tenant, user, session === undefined ? { run: root.id } : session])
}
