import { randomBytes } from 'node:crypto'
import type {
  HttpRequest,
  Interceptor,
  LlmCall,
  LlmReply,
  LlmRequest,
  Run,
  ToolCall,
} from '@holdfast/core'
import { closed, tellDecision } from './decide.ts'
import { EditedReply } from './edit/edited-reply.ts'
import { hasPieces } from './edit/whole-pieces.ts'
import { OwnKeys } from './keys/own-keys.ts'
import type { SecurityOptions, SecurityParts } from './options.ts'
import { RedactionModes } from './redaction/options.ts'
import { Redactor } from './redaction/redactor.ts'
import { mapAllStrings } from './redaction/request-texts.ts'
import { insideJson, restoreText } from './redaction/restore-text.ts'
import { type PlaceholderKey, type Vault, Vaults } from './redaction/vault.ts'
import { bodyText, withoutOwnKeys } from './redaction/without-own-keys.ts'

/** The security policies of a process. */
export interface Security {
  /** Second outermost, so that everything further in sees redacted text only. Never under `failOpen`. */
  readonly llm: Interceptor
  /** Around tools: they are executed with the real values. */
  readonly tool: Interceptor<ToolCall>
  /** The text with the values of the run's session again, for who decides about them. */
  reveal(text: string, run: Run | undefined): string
  /** True where more is asked for than keys of the process: what nobody could look at may not go out. */
  readonly failsClosed: boolean
  /** True for a request of the application that was changed, so that it may not go out as it was made. */
  mayNotGoOut(http: HttpRequest): boolean
}

/**
 * Keeps secrets and personal data from models.
 *
 * Sees: requests before anybody further in, replies after everybody further in, tool calls before they are executed.
 * Changes: texts of requests, and in replies the placeholders that it put there. What is not changed goes on as it came.
 * Fails closed: where something of it breaks, the call is refused.
 * @throws HoldfastError CALL_REFUSED
 */
export function security(options: SecurityOptions = {}, parts: SecurityParts = {}): Security {
  const policies = new Policies(options, parts)
  return {
    llm: function security(call, next) {
      return policies.answer(call, next)
    },
    tool: async function security(call, next) {
      return next(policies.revealArguments(call))
    },
    failsClosed: options.redaction !== false,
    reveal: (text, run) => policies.vaults.known(run).reveal(text),
    mayNotGoOut: (http) => policies.changed.has(http),
  }
}

class Policies {
  readonly vaults: Vaults
  readonly changed = new WeakSet<HttpRequest>()
  readonly #options: SecurityOptions
  readonly #ownKeys: OwnKeys
  readonly #modes: RedactionModes
  /** Own keys only, without the scanners. */
  readonly #keyCutter: Redactor
  readonly #key: PlaceholderKey
  readonly #tellKey: SecurityParts['placeholderKey']
  readonly #bug: SecurityParts['bug']
  #redactor: Redactor | undefined
  #loading: Promise<Redactor> | undefined

  constructor(options: SecurityOptions, parts: SecurityParts) {
    const redaction = options.redaction === false ? undefined : options.redaction
    const { environment, placeholderKey, bug } = parts
    this.#options = options
    this.#modes = new RedactionModes(redaction?.kinds)
    this.#ownKeys = new OwnKeys(environment === undefined ? {} : { environment })
    this.#keyCutter = new Redactor({
      modes: this.#modes,
      ownKeys: this.#ownKeys,
      secrets: undefined,
      personalData: undefined,
    })
    this.#key = { key: redaction?.key ?? randomBytes(32) }
    if (redaction?.key === undefined) this.#tellKey = placeholderKey
    this.vaults = new Vaults(this.#key, redaction?.maxSessions ?? 1_000)
    this.#bug = bug
  }

  async answer(call: LlmCall, next: Parameters<Interceptor>[1]): Promise<LlmReply> {
    const vault = this.vaults.of(call.run)
    const redacting = this.#closed(() => this.#redact(call, vault))
    const asked = redacting instanceof Promise ? await redacting : redacting
    const reply = await next(asked)
    return this.#closed(() => this.#restored(call, reply, vault))
  }

  /** The tool call with the values that placeholders in its arguments stand for. */
  revealArguments(call: ToolCall): ToolCall {
    return this.#closed(() => this.#revealed(call))
  }

  #revealed(call: ToolCall): ToolCall {
    const vault = this.vaults.known(call.run)
    if (vault.isEmpty) return call
    const given = call.arguments
    const real =
      typeof given === 'string'
        ? vault.reveal(given, isJsonText(given) ? insideJson : undefined)
        : mapAllStrings(given, (text) => vault.reveal(text))
    return real === given ? call : Object.freeze({ ...call, arguments: real })
  }

  #closed<Result>(work: () => Result): Result {
    return closed('security.redaction', work, this.#bug)
  }

  #redact(call: LlmCall, vault: Vault): LlmCall | Promise<LlmCall> {
    this.#ownKeys.see(call.http.headers)
    if (this.#options.redaction === false) return this.#finished(call, undefined, vault)
    if (this.#redactor !== undefined) return this.#finished(call, this.#redactor, vault)
    this.#loading ??= this.#load()
    return this.#loading.then((redactor) => this.#finished(call, redactor, vault))
  }

  #finished(call: LlmCall, redactor: Redactor | undefined, vault: Vault): LlmCall {
    let asked = call
    if (redactor !== undefined)
      asked = this.#with(asked, redactor.redact(call, call.request, vault))
    if (this.#ownKeys.in(bodyText(asked.http))) {
      asked = this.#with(asked, this.#keyCutter.redact(asked, asked.request, vault))
      asked = withoutOwnKeys(asked, this.#ownKeys)
    }
    if (asked !== call) this.changed.add(call.http)
    return asked
  }

  #with(call: LlmCall, request: LlmRequest): LlmCall {
    return request === call.request ? call : call.with({ request })
  }

  #restored(call: LlmCall, reply: LlmReply, vault: Vault): LlmReply {
    if (vault.isEmpty || reply.failure !== undefined || call.operation !== 'chat') return reply
    const streamed = !reply.streaming || hasPieces(reply.headers.get('content-type'))
    if (call.format.replyWriter === undefined || !streamed) {
      tellDecision(call, {
        policy: 'security.redaction',
        verdict: 'warn',
        enforced: false,
        rule: 'redaction.not-restored',
        reason: `Answers of ${call.format.name} are handed up with placeholders.`,
        subject: { kind: 'text', name: 'reply' },
      })
      return reply
    }
    return new EditedReply(
      call,
      reply,
      (text) => restoreText(vault, text === 'arguments' ? insideJson : undefined),
      this.#bug,
    )
  }

  async #load(): Promise<Redactor> {
    try {
      const { secrets = {}, personalData = {} } = this.#options.redaction || {}
      const asked = this.#modes.personalData
      const [secretScanner, personalScanner, key] = await Promise.all([
        this.#modes.secrets
          ? import('./secrets/scanner.ts').then(({ secretScanner }) =>
              secretScanner({ ...secrets, environment: {} }),
            )
          : undefined,
        asked === undefined
          ? undefined
          : import('./personal-data/scanner.ts').then(({ personalDataScanner }) =>
              personalDataScanner({ ...personalData, ...asked }),
            ),
        this.#tellKey?.(),
      ])
      if (key !== undefined) this.#key.key = key
      return (this.#redactor = new Redactor({
        modes: this.#modes,
        ownKeys: this.#ownKeys,
        secrets: secretScanner,
        personalData: personalScanner,
      }))
    } catch (error) {
      // The next call tries again.
      this.#loading = undefined
      throw error
    }
  }
}

function isJsonText(text: string): boolean {
  return /^\s*[{[]/.test(text)
}
