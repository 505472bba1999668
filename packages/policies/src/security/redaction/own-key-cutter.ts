import type { HttpRequest, LlmCall } from '@holdfast/core'
import type { OwnKeys } from '../keys/own-keys.ts'
import { RedactionModes } from './options.ts'
import { Redactor } from './redactor.ts'
import { Vault } from './vault.ts'
import { bodyText, withoutOwnKeys } from './without-own-keys.ts'

/** Takes keys of this process out of requests. A look at the bytes is enough where there are none. */
export class OwnKeyCutter {
  readonly #ownKeys: OwnKeys
  readonly #redactor: Redactor
  readonly #changed = new WeakSet<HttpRequest>()

  constructor(ownKeys: OwnKeys, kinds?: ConstructorParameters<typeof RedactionModes>[0]) {
    this.#ownKeys = ownKeys
    const modes = new RedactionModes(kinds)
    this.#redactor = new Redactor({ modes, ownKeys, secrets: undefined, personalData: undefined })
  }

  /**
   * The call without own keys; the very same where it has none.
   * @throws HoldfastError CALL_REFUSED where one stands where it cannot be taken out
   */
  cut(call: LlmCall): LlmCall {
    this.#ownKeys.see(call.http.headers)
    if (!this.#ownKeys.in(bodyText(call.http))) return call
    const request = this.#redactor.redact(call, call.request, new Vault({ key: '' }, ''))
    const cut = request === call.request ? call : call.with({ request })
    return this.mark(call, withoutOwnKeys(cut, this.#ownKeys))
  }

  /** Remembers that a request of the application may not go out as it was made, where it was changed. */
  mark(made: LlmCall, changed: LlmCall): LlmCall {
    if (changed !== made) this.#changed.add(made.http)
    return changed
  }

  /** True for a request of the application that was changed. */
  hasChanged(http: HttpRequest): boolean {
    return this.#changed.has(http)
  }
}
