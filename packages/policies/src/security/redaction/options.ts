import type { PersonalDataOptions } from '../personal-data/scanner.ts'
import type { SecretOptions } from '../secrets/scanner.ts'

/**
 * What becomes of a value on its way to the model.
 * - `reversible`: a placeholder, the same for the same value of a session; in answers and tool arguments it is the value again
 * - `irreversible`: a mark; the model and everybody behind it see that there was something, and nobody gets it back
 * - `block`: the call is refused
 * - `off`: it goes out
 */
export type RedactionMode = 'reversible' | 'irreversible' | 'block' | 'off'

/** What is kept from models. */
export interface RedactionOptions {
  /**
   * By kind, as the scanners name them: `email`, `iban`, `secret`, `secret.openai`, …; `high`, `medium` and `low` are
   * the kinds of personal data at that risk that are not named. @default { secret: 'irreversible', high: 'reversible' }
   */
  readonly kinds?: Readonly<Record<string, RedactionMode>>
  /** More values that nobody may see, and texts that look like secrets and are none. */
  readonly secrets?: Pick<SecretOptions, 'values' | 'allow'>
  /** Countries of phone numbers, and recognizers of your own. */
  readonly personalData?: Pick<PersonalDataOptions, 'phoneCountries' | 'recognizers'>
  /**
   * Placeholders are made with it: with the same key they are the same after a restart. At least 16 characters.
   * @default the journal's key, else a random one for each process
   */
  readonly key?: string | Uint8Array
  /** Sessions whose values are remembered. @default 1000 */
  readonly maxSessions?: number
}

/** The mode of each kind. */
export class RedactionModes {
  readonly #kinds: Readonly<Record<string, RedactionMode>>

  constructor(kinds: Readonly<Record<string, RedactionMode>> = {}) {
    this.#kinds = { secret: 'irreversible', high: 'reversible', ...kinds }
  }

  /** Of a finding's kind: `pii.iban`, `secret.openai`. */
  of(kind: string, risk?: string): RedactionMode {
    if (kind.startsWith('secret.')) {
      const mode = this.#own(kind) ?? this.#own('secret') ?? 'irreversible'
      // Nothing gives back a key of this process, or lets it out.
      if (kind !== ownKeyKind || mode === 'block') return mode
      return 'irreversible'
    }
    const plain = kind.replace(/^pii\./, '')
    return this.#own(plain) ?? this.#own(kind) ?? this.#own(risk ?? '') ?? 'off'
  }

  get secrets(): boolean {
    return Object.entries(this.#kinds).some(
      ([kind, mode]) => /^secret(?:\.|$)/.test(kind) && mode !== 'off',
    )
  }

  /** Which personal data has to be looked for; undefined where none has. */
  get personalData(): Pick<PersonalDataOptions, 'risk' | 'exceptKinds'> | undefined {
    const asked = Object.entries(this.#kinds).filter(([kind]) => !/^secret(?:\.|$)/.test(kind))
    const on = asked.filter(([, mode]) => mode !== 'off').map(([kind]) => kind)
    if (on.length === 0) return undefined
    const named = on.some((kind) => !risks.has(kind))
    const risk = named || on.includes('low') ? 'low' : on.includes('medium') ? 'medium' : 'high'
    const exceptKinds = asked.filter(([, mode]) => mode === 'off').map(([kind]) => kind)
    return { risk, exceptKinds }
  }

  #own(name: string): RedactionMode | undefined {
    return Object.hasOwn(this.#kinds, name) ? this.#kinds[name] : undefined
  }
}

const risks: ReadonlySet<string> = new Set(['high', 'medium', 'low'])

/** What the scanners call a key of this process. */
export const ownKeyKind = 'secret.own-key'
