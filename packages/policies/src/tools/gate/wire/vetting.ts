import { canonicalArguments, isContinuation } from '@holdfast/core'
import type { ApprovalBinding, CanonicalArguments, LlmCall, LlmRequest, Run } from '@holdfast/core'
import { decideCall, schemaFinding } from '../decide-call.ts'
import type { CallDecision, CallFacts, DecisionSettings } from '../decide-call.ts'
import type { ToolClass } from '../../classify/tool-class.ts'
import type { Finding } from '../../decision.ts'
import type { DecisionPlace, Gate } from '../gate.ts'
import type { KnownTool, KnownTools, ToolWords } from '../known-tools.ts'
import { failedTwice } from '../past/failed-twice.ts'
import { isFollowed } from '../past/flow-findings.ts'
import { callsIn, Past } from '../past/past.ts'
import type { ToldCall } from '../past/past.ts'
import { dryRunText, nobodyToAsk, refusalText, refusedWords } from '../words.ts'
import { dryRunOf } from '../dry-run.ts'
import { namesTwice } from './names-twice.ts'
import type { Proposal } from './proposals.ts'

/** What becomes of a proposed call. */
export type Outcome =
  | { readonly as: 'stands' }
  | { readonly as: 'edited'; readonly arguments: string }
  /** Something is said in its place: a refusal, or what a dry run came to. */
  | { readonly as: 'said'; readonly text: string; readonly isError: boolean }

interface Vetted {
  readonly decision: CallDecision
  /** What was decided by; undefined where nothing could be. */
  readonly facts?: CallFacts
  readonly tool: KnownTool
  readonly arguments: unknown
  readonly canonical: CanonicalArguments
}

/** Decides about the tool calls that the reply to one request proposes. */
export class Vetting {
  readonly #gate: Gate
  readonly #tools: KnownTools
  readonly #call: LlmCall
  readonly #place: DecisionPlace
  readonly #vetted = new Map<Proposal, Vetted>()
  #request: LlmRequest | undefined
  #pasts: readonly Past[] = []
  readonly #failures = new Past()

  constructor(gate: Gate, tools: KnownTools, call: LlmCall, signal: AbortSignal) {
    this.#gate = gate
    this.#tools = tools
    this.#call = call
    const { id: callId, run, emit } = call
    this.#place = { callId, run, signal, emit }
  }

  /** The decision, which everybody is told of; the same proposal is decided about once. */
  decide(proposal: Proposal, isCut: boolean): CallDecision {
    return this.#vet(proposal, isCut).decision
  }

  /** What becomes of it, after whoever has to be asked has answered. */
  async outcome(proposal: Proposal, isCut: boolean): Promise<Outcome> {
    const { decision, tool, arguments: args } = this.#vet(proposal, isCut)
    const { name } = tool
    switch (decision.verdict) {
      case 'allow':
        return { as: 'stands' }
      case 'dry-run': {
        const would = await dryRunOf(tool, args)
        const text = would === undefined ? dryRunText(tool, args) : would
        return { as: 'said', text, isError: false }
      }
      case 'ask':
        return this.#asked(proposal, isCut)
      default:
        return { as: 'said', text: refusalText(name, decision), isError: true }
    }
  }

  async #asked(proposal: Proposal, isCut: boolean): Promise<Outcome> {
    const { decision, tool, canonical, facts } = this.#vet(proposal, isCut)
    const { isRunElsewhere = false } = proposal
    if (this.#gate.options.askAt === 'function' && !isRunElsewhere) return { as: 'stands' }
    const { name } = tool
    const answer = await this.#gate.ask(name, decision, canonical, this.#place, (text) =>
      editedRefusal(tool, facts, text, this.#gate.settings),
    )
    if (answer?.verdict !== 'approved') {
      const reason = answer?.reason ?? nobodyToAsk(decision.reason)
      return { as: 'said', text: refusalText(name, { ...decision, reason }), isError: true }
    }
    const { editedText } = answer
    const { hash } = editedText === undefined ? canonical : canonicalArguments(editedText)
    const binding = { runId: this.#call.run?.id, tool: name, argumentsHash: hash }
    const used = await this.#useUp(binding, isRunElsewhere)
    if (!used) {
      const reason = 'Its approval was used already.'
      return { as: 'said', text: refusalText(name, { ...decision, reason }), isError: true }
    }
    if (editedText === undefined) return { as: 'stands' }
    return { as: 'edited', arguments: tool.takesText ? freeText(editedText) : editedText }
  }

  /**
   * Where the tool's function is known to come through the gate, the approval is used up there, by whatever process
   * executes it. Any other is used up now, or it would be good for the next call like this one.
   */
  async #useUp(binding: ApprovalBinding, isRunElsewhere: boolean): Promise<boolean> {
    if (!isRunElsewhere && this.#tools.isRunHere(binding.tool)) return true
    const used = (await this.#gate.deps.approver?.redeem(binding)) ?? false
    if (used && !isRunElsewhere) this.#gate.grants.give(binding)
    return used
  }

  /** A tool that the provider has run itself: on record, and nothing more. */
  recordProviderTool(name: string): void {
    const { toolClass } = this.#tools.offered(name, undefined)
    const decision = {
      verdict: 'allow',
      rule: 'call.provider-executed',
      reason: 'The provider has run it itself.',
      toolClass,
    } as const
    this.#gate.tell(name, decision, this.#place, { enforced: false })
  }

  #vet(proposal: Proposal, isCut: boolean): Vetted {
    let vetted = this.#vetted.get(proposal)
    if (vetted === undefined) {
      vetted = this.#decide(proposal, isCut)
      this.#vetted.set(proposal, vetted)
      const { decision, canonical } = vetted
      this.#gate.tell(proposal.name, decision, this.#place, { argumentsHash: canonical.hash })
    }
    return vetted
  }

  #decide(proposal: Proposal, isCut: boolean): Vetted {
    const { name } = proposal
    try {
      const request = this.#readRequest()
      const { isRunElsewhere = false } = proposal
      const offered = isRunElsewhere ? undefined : offeredTool(name, request)
      const session = isRunElsewhere ? undefined : sessionOf(this.#call.run)
      const tool = this.#tools.proposed(name, offered, session)
      const read = readArguments(this.#gate.reveal(proposal.arguments, this.#call.run), tool)
      const canonical = canonicalArguments(read.arguments)
      const noticed = [
        isCut ? cutOff : read.malformed ? malformed : undefined,
        offered === undefined && !isRunElsewhere ? notOffered(name, request, tool) : undefined,
        failedTwice(this.#failures.failuresOf(`${name}\n${canonical.hash}`)),
      ].filter((finding) => finding !== undefined)
      const facts = {
        tool,
        arguments: read.arguments,
        run: this.#call.run,
        pasts: this.#pasts,
        noticed,
        checksSchema: !isCut && !read.malformed && !tool.takesText,
      }
      const decision = decideCall(facts, this.#gate.settings)
      if (decision.verdict !== 'deny') {
        for (const past of this.#pasts) past.addCall(name, tool.toolClass)
      }
      return { decision, facts, tool, arguments: read.arguments, canonical }
    } catch (error) {
      this.#gate.deps.bug?.(error)
      const tool = this.#tools.offered(name, undefined)
      const decision = { ...gateFailed, toolClass: tool.toolClass }
      return { decision, tool, arguments: {}, canonical: canonicalArguments(proposal.arguments) }
    }
  }

  /** The request, and what its conversation tells of the run; read when the first call is proposed. */
  #readRequest(): LlmRequest {
    if (this.#request !== undefined) return this.#request
    const { request, run } = this.#call
    const tools = this.#tools
    const session = sessionOf(run)
    if (session !== undefined) tools.listed(session, request.tools)
    const { pasts, settings } = this.#gate
    const { flows = [] } = settings
    this.#pasts = run === undefined ? [new Past()] : pasts.of(run)
    const isElsewhere = isContinuation(request)
    for (const past of this.#pasts) {
      // The provider keeps the conversation, and this process has not seen it.
      if (isElsewhere && past.called.size === 0) past.lost = true
    }
    const classes = new Map<string, ToolClass>()
    const classOf = (name: string): ToolClass => {
      const known = classes.get(name)
      if (known !== undefined) return known
      const { toolClass } = tools.offered(name, offeredTool(name, request))
      classes.set(name, toolClass)
      return toolClass
    }
    for (const told of callsIn(request.messages)) {
      if (flows.length > 0) this.#tell(told, classOf(told.tool))
      // What was refused has not failed.
      if (told.isError === true && told.result?.startsWith(refusedWords) !== true) {
        const { hash } = canonicalArguments(this.#gate.reveal(told.arguments, run))
        this.#failures.addFailure(`${told.tool}\n${hash}`, told.result ?? '')
      }
    }
    this.#request = request
    return request
  }

  /** What flow rules have to know of a call that was made before. */
  #tell({ tool, result }: ToldCall, toolClass: ToolClass): void {
    for (const past of this.#pasts) past.addCall(tool, toolClass)
    if (result === undefined) return
    if (!isFollowed(this.#gate.settings.flows ?? [], tool, toolClass)) return
    const text = this.#gate.reveal(result, this.#call.run)
    for (const past of this.#pasts) past.addResult({ tool, toolClass, text })
  }
}

/** What the request says of a tool; it may stand in a group that the provider looks through. */
function offeredTool(name: string, { tools }: LlmRequest): ToolWords | undefined {
  const own = tools.find((one) => one.name === name)
  if (own !== undefined) return own
  for (const tool of tools) {
    const { provider } = tool
    if (typeof provider !== 'object' || provider === null) continue
    // https://platform.openai.com/docs/guides/tools-computer-use: its calls do not say which of the two it is (2026-11-21).
    if (tool.name === 'computer_use_preview' && name === 'computer') return tool
    const { tools: grouped } = provider as { readonly tools?: unknown }
    if (!Array.isArray(grouped)) continue
    const named = grouped as ((ToolWords & { name?: unknown }) | null)[]
    const one = named.find((inner) => inner?.name === name)
    if (one !== undefined && one !== null) return { ...one, provider: one }
  }
  return undefined
}

function sessionOf(run: Run | undefined): string | undefined {
  return run?.session ?? run?.id
}

/** The arguments as a value; for a tool that takes a text the text, also where it could be read as JSON. */
function readArguments(
  text: string,
  tool: KnownTool,
): { readonly arguments: unknown; readonly malformed: boolean } {
  if (tool.takesText) return { arguments: { input: text }, malformed: false }
  if (text.trim() === '' || text.trim() === 'null') return { arguments: {}, malformed: false }
  try {
    const value: unknown = JSON.parse(text)
    return { arguments: value, malformed: namesTwice(text, value) || isBeyondNumbers(value) }
  } catch {
    return { arguments: text, malformed: true }
  }
}

/** True where a number is none that could be shown: `1e999` is read as infinite, and said as null. */
function isBeyondNumbers(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value)
  return typeof value === 'object' && value !== null && Object.values(value).some(isBeyondNumbers)
}

/** What is wrong with arguments that a person has written: what is refused whoever asks is not approved by writing it. */
export function editedRefusal(
  tool: KnownTool,
  facts: CallFacts | undefined,
  text: string,
  settings: DecisionSettings,
): string | undefined {
  const edited: unknown = JSON.parse(text)
  const mismatch = tool.takesText ? undefined : schemaFinding(tool, edited)?.reason
  if (mismatch !== undefined || facts === undefined) return mismatch
  const { verdict, reason } = decideCall({ ...facts, noticed: [], arguments: edited }, settings)
  return verdict === 'deny' ? reason : undefined
}

/** Edited arguments of a tool that takes a text. */
function freeText(edited: string): string {
  const value = JSON.parse(edited) as { input?: unknown }
  return typeof value.input === 'string' ? value.input : edited
}

const cutOff: Finding = {
  rule: 'call.cut-off',
  verdict: 'deny',
  reason: 'The call was cut off by the limit of output tokens.',
}

const malformed: Finding = {
  rule: 'call.malformed',
  verdict: 'deny',
  reason:
    'Its arguments are no valid JSON, name a member twice, or hold a number that is too large.',
}

function notOffered(name: string, { tools }: LlmRequest, tool: KnownTool): Finding | undefined {
  // Tools of the provider's own kind go by other names in calls than in requests.
  const isOpen = tools.length === 0 || tools.some(({ provider }) => provider !== undefined)
  if (isOpen || tool.declaration !== undefined) return undefined
  const names = tools.map((one) => one.name).slice(0, 50)
  const reason = `There is no tool ${name}; there are ${names.join(', ')}.`
  return { rule: 'call.not-offered', verdict: 'deny', reason }
}

const gateFailed = {
  verdict: 'deny',
  rule: 'gate.failed',
  reason: 'The tool gate could not decide about it.',
  urls: [],
} as const
