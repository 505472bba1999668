import { canonicalArguments, HoldfastError } from '@holdfast/core'
import type { CanonicalArguments, Interceptor, Next, ToolCall, ToolReply } from '@holdfast/core'
import { runsWhatItIsGiven } from '../arguments.ts'
import { decideCall } from '../decide-call.ts'
import type { CallDecision, CallFacts } from '../decide-call.ts'
import { dryRunOf } from '../dry-run.ts'
import type { DecisionPlace, Gate } from '../gate.ts'
import type { KnownTool, KnownTools } from '../known-tools.ts'
import { editedRefusal } from '../wire/vetting.ts'
import { failedTwice } from '../past/failed-twice.ts'
import { isFollowed } from '../past/flow-findings.ts'
import type { Past } from '../past/past.ts'
import { dryRunText, nobodyToAsk, refusalText } from '../words.ts'
import { addressFinding, enterAddresses } from './addresses.ts'
import type { CheckedAddresses } from './addresses.ts'
import { checkResult } from './result.ts'
import type { CheckedResult } from './result.ts'
import { withinTime } from './within-time.ts'

/** A call of a function, as the gate looks at it. */
interface Looked {
  readonly call: ToolCall
  readonly tool: KnownTool
  readonly canonical: CanonicalArguments
  readonly pasts: readonly Past[]
  readonly place: DecisionPlace
}

/** A decision, and the addresses that the call may connect to. */
interface Decided {
  readonly decision: CallDecision
  readonly addresses: CheckedAddresses
}

/**
 * Decides about a tool call once more, around its function: what a person has approved is not asked for again.
 *
 * Sees: arguments, results and errors. Changes: a refused call answers with a text for the model; a person may have
 * changed the arguments; results may be cut, marked or withheld.
 */
export function functionGate(gate: Gate, tools: KnownTools): Interceptor<ToolCall> {
  return async function toolGate(call, next) {
    const looked = look(gate, tools, call)
    if (looked === undefined) {
      return gate.enforces ? { value: refusalText(call.name, unreadable) } : next(call)
    }
    const { decision, addresses } = await decide(gate, looked)
    const { tool, canonical, place } = looked
    const run = (asked: ToolCall): Promise<ToolReply> =>
      runTool(gate, { ...looked, call: asked }, addresses, next)
    if (!gate.enforces) {
      gate.tell(call.name, decision, place, { argumentsHash: canonical.hash })
      return run(call)
    }
    if (decision.verdict === 'ask') {
      const approved = await approve(gate, looked, decision)
      return approved.as === 'refused' ? { value: approved.text } : run(approved.call)
    }
    if (
      decision.verdict === 'allow' &&
      canonicalArguments(call.arguments).hash !== canonical.hash
    ) {
      // Looking addresses up takes its time, and who holds the object may change it meanwhile.
      gate.tell(call.name, { ...decision, ...changed }, place, { argumentsHash: canonical.hash })
      return { value: refusalText(call.name, changed) }
    }
    gate.tell(call.name, decision, place, { argumentsHash: canonical.hash })
    if (decision.verdict === 'allow') return run(call)
    if (decision.verdict === 'deny') return { value: refusalText(call.name, decision) }
    const args = valueOf(canonical)
    return { value: (await dryRunOf(tool, args)) ?? dryRunText(tool, args) }
  }
}

/** The call with all that is known of it; undefined where its arguments are nothing that JSON could say. */
function look(gate: Gate, tools: KnownTools, call: ToolCall): Looked | undefined {
  try {
    return lookInto(gate, tools, call)
  } catch (error) {
    gate.deps.bug?.(error)
    return undefined
  }
}

function lookInto(gate: Gate, tools: KnownTools, call: ToolCall): Looked {
  const { name, description, parameters, run, emit, id: callId } = call
  const words = {
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
  }
  const canonical = canonicalArguments(call.arguments)
  return {
    call,
    tool: tools.run(name, words, valueOf(canonical)),
    canonical,
    pasts: run === undefined ? [gate.pasts.outside] : gate.pasts.of(run),
    place: { callId, run, signal: undefined, emit },
  }
}

async function decide(gate: Gate, looked: Looked): Promise<Decided> {
  const { call, tool, canonical, pasts } = looked
  try {
    const failed = failedTwice(pasts[0]?.failuresOf(keyOf(call, canonical)) ?? [])
    const facts = factsOf(looked)
    const asked = failed ? { ...facts, noticed: [failed] } : facts
    const read = decideCall(asked, gate.settings)
    const decision =
      read.verdict === 'allow' && mayTakeText(call, tool)
        ? decideCall({ ...asked, arguments: { input: call.arguments } }, gate.settings)
        : read
    if (!gate.enforces || decision.verdict === 'deny' || decision.urls.length === 0) {
      return { decision, addresses: none }
    }
    const { finding, addresses } = await addressFinding(decision.urls, gate.options.url)
    if (finding === undefined) return { decision, addresses }
    return {
      decision:
        finding.verdict === 'deny' || decision.verdict === 'allow'
          ? { ...decision, ...finding }
          : decision,
      addresses,
    }
  } catch (error) {
    gate.deps.bug?.(error)
    const decision = {
      verdict: 'deny',
      rule: 'gate.failed',
      reason: 'The tool gate could not decide about it.',
      toolClass: tool.toolClass,
      urls: [],
    } as const
    return { decision, addresses: none }
  }
}

function factsOf({ call, tool, canonical, pasts }: Looked): CallFacts {
  return {
    tool,
    arguments: valueOf(canonical),
    run: call.run,
    framework: call.framework,
    pasts,
    checksSchema: tool.declaration?.parameters !== undefined,
  }
}

type Approved =
  | { readonly as: 'approved'; readonly call: ToolCall }
  | { readonly as: 'refused'; readonly text: string }

/** Uses up an approval that is there, or asks for one; what is executed is what was approved. */
async function approve(gate: Gate, looked: Looked, decision: CallDecision): Promise<Approved> {
  const { call, canonical, place } = looked
  const { name } = call
  const { approver } = gate.deps
  const refused = (reason: string): Approved => ({
    as: 'refused',
    text: refusalText(name, { ...decision, reason }),
  })
  const binding = { runId: call.run?.id, tool: name, argumentsHash: canonical.hash }
  if (gate.grants.take(binding) || (await approver?.redeem(binding)) === true) {
    const before = {
      ...decision,
      verdict: 'allow',
      reason: 'A person has approved it before.',
    } as const
    gate.tell(name, before, place, { argumentsHash: canonical.hash })
    return { as: 'approved', call: withArguments(call, canonical) }
  }
  gate.tell(name, decision, place, { argumentsHash: canonical.hash })
  const answer = await gate.ask(name, decision, canonical, place, (text) =>
    editedRefusal(looked.tool, factsOf(looked), text, gate.settings),
  )
  if (answer?.verdict !== 'approved') return refused(answer?.reason ?? nobodyToAsk(decision.reason))
  const shown = answer.editedText === undefined ? canonical : canonicalArguments(answer.editedText)
  const isUsed = await approver?.redeem({ ...binding, argumentsHash: shown.hash })
  if (isUsed !== true) return refused('Its approval was used already.')
  return { as: 'approved', call: withArguments(call, shown) }
}

/** The call with the arguments that were shown, and nothing that they do not say. */
function withArguments(call: ToolCall, { text }: CanonicalArguments): ToolCall {
  const given = typeof call.arguments === 'string' ? text : (JSON.parse(text) as unknown)
  return Object.freeze({ ...call, arguments: given })
}

/** Runs it, in its time, and looks at what comes of it. */
async function runTool(
  gate: Gate,
  { call, tool, canonical, pasts, place }: Looked,
  addresses: CheckedAddresses,
  next: Next<ToolCall>,
): Promise<ToolReply> {
  const key = keyOf(call, canonical)
  for (const past of pasts) past.addCall(tool.name, tool.toolClass)
  let reply: ToolReply
  try {
    reply = await enterAddresses(addresses, () => withinTime(tool, () => next(call)))
  } catch (error) {
    const isOwn = HoldfastError.is(error) && error.code !== 'CALL_TIMED_OUT'
    if (!isOwn && call.results?.isPause?.(error) !== true) {
      pasts[0]?.addFailure(key, error instanceof Error ? error.message : String(error))
    }
    throw error
  }
  pasts[0]?.succeeded(key)
  const { value, text } = await checkResult(gate, { call, tool, place }, reply.value).catch(
    (error: unknown): CheckedResult => {
      gate.deps.bug?.(error)
      // The effect is there, whatever becomes of its result.
      const told = gate.enforces ? uncheckedText(tool.name) : reply.value
      return { value: told, text: () => String(told) }
    },
  )
  if (isFollowed(gate.settings.flows ?? [], tool.name, tool.toolClass)) {
    const { toolClass } = tool
    for (const past of pasts) past.addResult({ tool: tool.name, toolClass, text: text() })
  }
  return Object.is(value, reply.value) ? reply : { value }
}

/** True where nobody says whether the function reads its text as JSON, or runs it as it is. */
function mayTakeText({ arguments: given, parameters }: ToolCall, tool: KnownTool): boolean {
  if (typeof given !== 'string' || typeof parameters === 'object') return false
  return runsWhatItIsGiven(tool) && /^\s*[[{"]/.test(given)
}

function uncheckedText(name: string): string {
  return `The result of ${name} was withheld: it could not be checked. The call has been made; do not take it for undone.`
}

function keyOf({ name }: ToolCall, { hash }: CanonicalArguments): string {
  return `${name}\n${hash}`
}

function valueOf({ text }: CanonicalArguments): unknown {
  return JSON.parse(text)
}

const unreadable = {
  rule: 'call.malformed',
  reason: 'Its arguments cannot be read as JSON.',
} as const

const changed = {
  verdict: 'deny',
  rule: 'call.changed',
  reason: 'Its arguments were changed while they were looked at.',
} as const

const none: CheckedAddresses = new Map()
