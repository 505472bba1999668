import { HoldfastError } from '@holdfast/core'
import type {
  HttpRequest,
  Interceptor,
  LlmCall,
  LlmReply,
  LlmRequest,
  Next,
  Run,
  ToolCall,
} from '@holdfast/core'
import { closed, tellDecision } from './decide.ts'
import { EditedReply, type EditText } from './edit/edited-reply.ts'
import { both } from './edit/text-edit.ts'
import { hasPieces } from './edit/whole-pieces.ts'
import { InjectionPolicy } from './injection/injection-policy.ts'
import { OwnKeys } from './keys/own-keys.ts'
import type { SecurityOptions, SecurityParts } from './options.ts'
import { OutputFilter } from './output/output-filter.ts'
import { type PermissionFinding, Permissions, type ToolUse } from './permissions/permissions.ts'
import { OperationRates } from './rates/operation-rates.ts'
import { loadPersonalData, loadSecrets, Redaction } from './redaction/redaction.ts'
import type { Vault } from './redaction/vault.ts'

/** The security policies of a process. */
export interface Security {
  /** Second outermost, so that everything further in sees redacted text only. Never under `failOpen`. */
  readonly llm: Interceptor
  /** Around tools: permissions and rates; the tool is executed with the real values. */
  readonly tool: Interceptor<ToolCall>
  /** Inside of who adds something of its own to requests: what memory brings is redacted like the rest. */
  readonly added: readonly Interceptor[]
  /** Innermost, around each attempt: whoever has changed model, host or key further in may use them, too. */
  readonly attempt: readonly Interceptor[]
  /** False for a call that permissions stand against; for who chooses where it goes. */
  mayAsk(call: LlmCall): boolean
  /** What stands against the use of a tool; undefined where nothing does. */
  permit(use: ToolUse): PermissionFinding | undefined
  /** The text with the values of the run's session again, for who decides about them. */
  reveal(text: string, run: Run | undefined): string
  /** True where more is asked for than keys of the process: what nobody could look at may not go out. */
  readonly failsClosed: boolean
  /** True for a request of the application that was changed, so that it may not go out as it was made. */
  mayNotGoOut(http: HttpRequest): boolean
}

/**
 * Keeps secrets and personal data from models, and agents from what is not theirs.
 *
 * Sees: requests before anybody further in, replies after everybody further in, tool calls before they are executed.
 * Changes: texts of requests, and texts of replies. What is not changed goes on as it came.
 * Fails closed: where something of it breaks, the call is refused.
 * @throws HoldfastError CALL_REFUSED, PERMISSION_DENIED, LIMIT_REACHED, STORE_UNREACHABLE
 */
export function security(options: SecurityOptions = {}, parts: SecurityParts = {}): Security {
  const policies = new Policies(options, parts)
  return {
    llm: function security(call, next) {
      return policies.answer(call, next)
    },
    tool: async function security(call, next) {
      return next(await policies.toolCall(call))
    },
    added: options.redaction === false ? [] : [(call, next) => policies.added(call, next)],
    attempt:
      policies.permissions === undefined ? [] : [(call, next) => policies.attempt(call, next)],
    mayAsk: (call) => policies.mayAsk(call),
    permit: (use) => policies.permissions?.permit(use),
    reveal: (text, run) => policies.redaction.reveal(text, run),
    failsClosed: options.redaction !== false || options.permissions !== undefined,
    mayNotGoOut: (http) => policies.redaction.hasChanged(http),
  }
}

class Policies {
  readonly redaction: Redaction
  readonly permissions: Permissions | undefined
  readonly #options: SecurityOptions
  readonly #ownKeys: OwnKeys
  readonly #rates: OperationRates | undefined
  readonly #injection: InjectionPolicy | undefined
  readonly #asksClass: boolean
  readonly #bug: SecurityParts['bug']
  /** Nothing but redaction looks at requests and answers, so that a clean request can go on as it is. */
  readonly #onlyRedacts: boolean
  /** Requests as they went inwards, where they were read. */
  readonly #lookedAt = new WeakSet<HttpRequest>()
  #output: OutputFilter | undefined
  #loadingOutput: Promise<OutputFilter> | undefined

  constructor(options: SecurityOptions, parts: SecurityParts) {
    const { redaction = {}, injection = {}, permissions, rates } = options
    const { environment, placeholderKey, approver, limitStore, bug } = parts
    this.#options = options
    this.#bug = bug
    this.#ownKeys = new OwnKeys(environment === undefined ? {} : { environment })
    this.redaction = new Redaction(redaction, this.#ownKeys, placeholderKey)
    this.permissions =
      permissions === undefined ? undefined : new Permissions(permissions, environment)
    this.#rates = rates === undefined ? undefined : new OperationRates(rates, limitStore)
    this.#injection = injection === false ? undefined : new InjectionPolicy(injection, approver)
    this.#onlyRedacts =
      this.#rates === undefined &&
      this.#injection === undefined &&
      (options.output ?? false) === false
    this.#asksClass = JSON.stringify([permissions?.rules, rates]).includes('"class:')
  }

  answer(call: LlmCall, next: Next): Promise<LlmReply> {
    let isClean = false
    try {
      this.#checkModel(call)
      isClean = this.#onlyRedacts && this.#isClean(call)
    } catch (error) {
      return Promise.reject(error)
    }
    // Nothing was ever taken out of what is said here, so that there is nothing to give back.
    return isClean ? next(call) : this.#answer(call, next)
  }

  async #answer(call: LlmCall, next: Next): Promise<LlmReply> {
    const admitted = this.#closed('security.rates', () => this.#rates?.checkModel(call))
    if (admitted !== undefined) await admitted
    const scanned = this.#closed('security.injection', () =>
      this.#injection?.apply(call, call.request),
    )
    const request: LlmRequest | undefined = scanned instanceof Promise ? await scanned : scanned
    const vault = this.redaction.vaultOf(call.run)
    const unchanged = request === undefined || request === call.request
    const redacted =
      !this.#onlyRedacts && unchanged && this.#isClean(call)
        ? call
        : this.#closed('security.redaction', () => this.redaction.redact(call, request, vault))
    const asked = redacted instanceof Promise ? await redacted : redacted
    this.#lookedAt.add(asked.http)
    const loaded = this.#outputFilter()
    const filter = loaded instanceof Promise ? await loaded : loaded
    const reply = await next(asked)
    return this.#closed('security.output', () => this.#edited(call, reply, vault, filter))
  }

  async added(call: LlmCall, next: Next): Promise<LlmReply> {
    if (this.#lookedAt.has(call.http) || this.#isClean(call)) return next(call)
    const vault = this.redaction.vaultOf(call.run)
    return next(
      await this.#closed('security.redaction', () => this.redaction.redact(call, undefined, vault)),
    )
  }

  #isClean(call: LlmCall): boolean {
    return this.#closed('security.redaction', () => this.redaction.isClean(call))
  }

  async attempt(call: LlmCall, next: Next): Promise<LlmReply> {
    this.#checkModel(call)
    return next(call)
  }

  #checkModel(call: LlmCall): void {
    const { permissions } = this
    if (permissions === undefined) return
    this.#closed('security.permissions', () => permissions.checkModel(call))
  }

  mayAsk(call: LlmCall): boolean {
    return this.#closed('security.permissions', () => this.permissions?.lets(call) ?? true)
  }

  async toolCall(call: ToolCall): Promise<ToolCall> {
    if (this.permissions !== undefined || this.#rates !== undefined) {
      const toolClass = this.#asksClass ? await classOf(call) : undefined
      this.#closed('security.permissions', () => this.permissions?.checkTool(call, toolClass))
      await this.#closed('security.rates', () => this.#rates?.checkTool(call, toolClass))
    }
    return this.#closed('security.redaction', () => {
      const real = this.redaction.reveal(call.arguments, call.run)
      return real === call.arguments ? call : Object.freeze({ ...call, arguments: real })
    })
  }

  #closed<Result>(what: string, work: () => Result): Result {
    return closed(what, work, this.#bug)
  }

  /** The reply with values restored, and without what it may not say; the very same where neither can be. */
  #edited(
    call: LlmCall,
    reply: LlmReply,
    vault: Vault,
    filter: OutputFilter | undefined,
  ): LlmReply {
    if (reply.failure !== undefined || call.operation !== 'chat') return reply
    const restore = this.redaction.restoring(call, vault)
    if (restore === undefined && filter === undefined) return reply
    const readable = !reply.streaming || hasPieces(reply.headers.get('content-type'))
    if (call.format.replyWriter === undefined || !readable) {
      if (filter?.watches === false) {
        void reply.cancel()
        throw new HoldfastError(
          'CALL_REFUSED',
          `This answer of ${call.format.name} cannot be looked through, and security.output is to cut or refuse`,
        )
      }
      tellDecision(call, {
        policy: restore === undefined ? 'security.output' : 'security.redaction',
        verdict: 'warn',
        enforced: false,
        rule: 'security.answer-as-it-is',
        reason: `This answer of ${call.format.name} is handed up as it is, placeholders included.`,
        subject: { kind: 'text', name: 'reply' },
      })
      return reply
    }
    const edit: EditText = (text) => {
      const restoring = restore?.(text)
      if (filter === undefined || text === 'arguments') return restoring
      const filtering = filter.edit(call)
      return restoring === undefined ? filtering : both(filtering, restoring)
    }
    return new EditedReply(call, reply, edit, this.#bug)
  }

  #outputFilter(): OutputFilter | undefined | Promise<OutputFilter> {
    const { output = false, redaction = {} } = this.#options
    if (output === false || this.#output !== undefined) return this.#output
    const load = async (): Promise<OutputFilter> => {
      const { secrets: looksForSecrets = true, personalData = false } = output
      const [secrets, personal] = await Promise.all([
        looksForSecrets ? loadSecrets(redaction || {}) : undefined,
        personalData === false ? undefined : loadPersonalData(personalData),
      ])
      const parts = { secrets, personalData: personal, ownKeys: this.#ownKeys }
      return (this.#output = new OutputFilter(output, parts))
    }
    this.#loadingOutput ??= this.#closed('security.output', load)
    return this.#loadingOutput
  }
}

/** What the tool can do, as far as its name and description say. */
async function classOf({ name, description, parameters }: ToolCall): Promise<string> {
  const { classifyTool } = await import('../tools/classify/classify.ts')
  return classifyTool({ name, description, parameters }).toolClass
}
