import { createHmac, randomBytes } from 'node:crypto'
import type { HttpRequest, LlmCall, LlmRequest, Run } from '@holdfast/core'
import type { EditText } from '../edit/edited-reply.ts'
import type { OwnKeys } from '../keys/own-keys.ts'
import type { Key } from '../options.ts'
import type { PersonalDataScanner } from '../personal-data/scanner.ts'
import type { SecretScanner } from '../secrets/scanner.ts'
import { CleanBodies } from './clean-bodies.ts'
import { OwnKeyCutter } from './own-key-cutter.ts'
import { RedactionModes, type RedactionOptions } from './options.ts'
import { Redactor } from './redactor.ts'
import { mapAllStrings } from './request-texts.ts'
import { insideJson, restoreText } from './restore-text.ts'
import { type PlaceholderKey, Vault, Vaults } from './vault.ts'

/** Takes values out of requests, and gives them back where answers and tools need them. */
export class Redaction {
  readonly #options: false | RedactionOptions
  readonly #ownKeys: OwnKeys
  readonly #tellKey: (() => Key | Promise<Key>) | undefined
  readonly #key: PlaceholderKey
  readonly #vaults: Vaults
  readonly #cutter: OwnKeyCutter
  /** Undefined where users have recognizers of their own, which may look at how a text begins and ends. */
  readonly #clean: CleanBodies | undefined
  #redactor: Redactor | undefined
  #loading: Promise<Redactor> | undefined

  constructor(
    options: false | RedactionOptions,
    ownKeys: OwnKeys,
    tellKey?: () => Key | Promise<Key>,
  ) {
    const { key, kinds, maxSessions = 1_000 } = options || {}
    this.#options = options
    this.#ownKeys = ownKeys
    this.#tellKey = key === undefined ? tellKey : undefined
    this.#key = { key: ownKeyOf(key ?? randomBytes(32)) }
    this.#vaults = new Vaults(this.#key, maxSessions)
    this.#cutter = new OwnKeyCutter(ownKeys, kinds)
    const { personalData: { recognizers = [] } = {} } = options || {}
    this.#clean = options === false || recognizers.length > 0 ? undefined : new CleanBodies()
  }

  /** Values of the run's session, for one call. */
  vaultOf(run: Run | undefined): Vault {
    return this.#options === false ? noVault : this.#vaults.of(run)
  }

  /** True for a request of the application that was changed. */
  hasChanged(http: HttpRequest): boolean {
    return this.#cutter.hasChanged(http)
  }

  /** True where the bytes tell that nothing has to be taken out: nobody has to read the request then. */
  isClean(call: LlmCall): boolean {
    const redactor = this.#redactor
    if (redactor === undefined || this.#clean === undefined) return false
    if (!this.#vaults.knowsNothingOf(call.run)) return false
    this.#ownKeys.see(call.http.headers)
    const { version } = this.#ownKeys
    const part = this.#clean.newIn(call, version)
    if (part === undefined || this.#ownKeys.in(part.raw)) return false
    if (part.plain === undefined || redactor.mayFindIn(part.plain)) {
      const said = part.said()
      if (said === undefined || !redactor.findsNothingIn(said)) return false
    }
    this.#clean.remember(call, version)
    return true
  }

  /**
   * The call with a request, without what may not go out; the very same call where both are as they came.
   * @throws HoldfastError CALL_REFUSED
   */
  redact(call: LlmCall, request: LlmRequest | undefined, vault: Vault): LlmCall | Promise<LlmCall> {
    if (this.#options === false) return this.#redactBy(undefined, call, request, vault)
    if (this.#redactor !== undefined) return this.#redactBy(this.#redactor, call, request, vault)
    this.#loading ??= this.#load(this.#options)
    return this.#loading.then((redactor) => this.#redactBy(redactor, call, request, vault))
  }

  /** Gives the values back that placeholders in an answer stand for. Nothing to do while there are none. */
  restoring(call: LlmCall, vault: Vault): EditText | undefined {
    if (vault.isEmpty) return undefined
    const asksJson = (call.request.output?.type ?? 'text') !== 'text'
    return (text) => restoreText(vault, text === 'arguments' || asksJson ? insideJson : undefined)
  }

  /** The same text or arguments with the values that placeholders stand for. */
  reveal<Value>(value: Value, run: Run | undefined): Value {
    const vault = this.#vaults.known(run)
    if (vault.isEmpty) return value
    if (typeof value === 'string')
      return vault.reveal(value, /^\s*[{[]/.test(value) ? insideJson : undefined) as Value
    return mapAllStrings(value, (text) => vault.reveal(text)) as Value
  }

  #redactBy(
    redactor: Redactor | undefined,
    call: LlmCall,
    request: LlmRequest | undefined,
    vault: Vault,
  ): LlmCall {
    const cut = redactor?.redact(call, request ?? call.request, vault) ?? request
    const changed = this.#cutter.mark(call, this.#cutter.cut(withRequest(call, cut)))
    if (changed === call && vault.knowsNothing) this.#clean?.remember(call, this.#ownKeys.version)
    return changed
  }

  async #load(options: RedactionOptions): Promise<Redactor> {
    try {
      const modes = new RedactionModes(options.kinds)
      const [secrets, personalData, key] = await Promise.all([
        modes.secrets ? loadSecrets(options) : undefined,
        modes.personalData === undefined
          ? undefined
          : loadPersonalData({ ...options.personalData, ...modes.personalData }),
        this.#tellKey?.(),
      ])
      if (key !== undefined) this.#key.key = ownKeyOf(key)
      const ownKeys = this.#ownKeys
      const own = options.personalData?.recognizers ?? []
      const fewest = own.length > 0 ? { fewestCharacters: 1 } : {}
      return (this.#redactor = new Redactor({ modes, ownKeys, secrets, personalData, ...fewest }))
    } catch (error) {
      // The next call tries again.
      this.#loading = undefined
      throw error
    }
  }
}

/** The given key may have other uses, which nobody is to learn anything about. */
function ownKeyOf(key: Key): Uint8Array {
  return createHmac('sha256', key).update('holdfast placeholders').digest()
}

const noVault = new Vault({ key: '' }, '')

/** The scanner of secrets; own keys are somebody else's. */
export async function loadSecrets({ secrets }: RedactionOptions): Promise<SecretScanner> {
  const { secretScanner } = await import('../secrets/scanner.ts')
  return secretScanner({ ...secrets, environment: {} })
}

/** The scanner of personal data. */
export async function loadPersonalData(
  options: Parameters<typeof import('../personal-data/scanner.ts').personalDataScanner>[0],
): Promise<PersonalDataScanner> {
  const { personalDataScanner } = await import('../personal-data/scanner.ts')
  return personalDataScanner(options)
}

function withRequest(call: LlmCall, request: LlmRequest | undefined): LlmCall {
  return request === undefined || request === call.request ? call : call.with({ request })
}
