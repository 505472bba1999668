import type { PolicyVerdict, Run } from '@holdfast/core'
import type { ToolClass } from '../classify/tool-class.ts'
import type { Finding } from '../decision.ts'
import { schemaInspector } from '../validators/schema/schema.ts'
import { argumentTexts } from './arguments.ts'
import { inspectArguments } from './inspect-arguments.ts'
import type { KnownTool } from './known-tools.ts'
import { looksAt, matchesCall } from './match.ts'
import type { PermitFacts, ToolGateOptions, ToolGatePreset, ToolRule } from './options.ts'
import { flowFindings } from './past/flow-findings.ts'
import type { Past } from './past/past.ts'
import { classFinding } from './presets.ts'

/** A call that somebody is about to make. */
export interface CallFacts {
  readonly tool: KnownTool
  /** With their real values. */
  readonly arguments: unknown
  readonly run: Run | undefined
  readonly framework?: string | undefined
  /** What happened before it: in its run, and in those that started it. */
  readonly pasts: readonly Past[]
  /** What stands against it that others have noticed already. */
  readonly noticed?: readonly Finding[]
  /** Its arguments have come as the model wrote them, and have to fit the tool's schema. */
  readonly checksSchema: boolean
}

/** What the gate makes of a call. */
export interface CallDecision {
  readonly verdict: Extract<PolicyVerdict, 'allow' | 'ask' | 'deny' | 'dry-run'>
  /** Stable name of what decided. */
  readonly rule: string
  readonly reason: string
  readonly toolClass: ToolClass
  /** Every URL it would reach. */
  readonly urls: readonly string[]
}

/** What decisions are made by. */
export interface DecisionSettings extends Pick<
  ToolGateOptions,
  'rules' | 'flows' | 'shell' | 'url' | 'sql'
> {
  readonly preset: ToolGatePreset
  readonly root: string
  readonly permit: ((facts: PermitFacts) => Finding | undefined) | undefined
}

/** The decision about a call, for both gates: the strictest word counts. */
export function decideCall(call: CallFacts, settings: DecisionSettings): CallDecision {
  const { tool, run } = call
  const { name, toolClass } = tool
  const { findings: found, harmless, urls } = inspectArguments(tool, call.arguments, settings)
  const rule = settings.rules?.find((one) =>
    matchesCall(one, { tool: name, toolClass, arguments: call.arguments, run }),
  )
  const against: (Finding | undefined)[] = [
    ...(call.noticed ?? []),
    call.checksSchema ? schemaFinding(tool, call.arguments) : undefined,
    settings.permit?.({ run, tool: name, toolClass, framework: call.framework }),
    ...flows(call, settings),
    // Of an argument that the rule itself has looked at nobody needs to be asked; what is refused stays refused.
    ...found.filter(
      ({ verdict, paths }) =>
        verdict === 'deny' || rule?.verdict !== 'allow' || !looksAt(rule, paths),
    ),
    rule === undefined ? classFinding(settings.preset, tool, { harmless }) : ruleFinding(rule),
  ]
  const findings = against.filter((finding) => finding !== undefined)
  const denied = findings.find(({ verdict }) => verdict === 'deny')
  if (denied !== undefined) return { ...denied, toolClass, urls }
  if (rule?.verdict === 'dryRun') {
    return { verdict: 'dry-run', rule: rule.name, reason: reasonOf(rule), toolClass, urls }
  }
  if (findings.length > 0) return { verdict: 'ask', ...together(findings), toolClass, urls }
  if (rule !== undefined) {
    return { verdict: 'allow', rule: rule.name, reason: reasonOf(rule), toolClass, urls }
  }
  return {
    verdict: 'allow',
    rule: `class.${toolClass}`,
    reason: 'Nothing stands against it.',
    toolClass,
    urls,
  }
}

/** All that a person is asked because of: who remembers the answer remembers it for all of it, and for no less. */
function together(findings: readonly Finding[]): Pick<Finding, 'rule' | 'reason'> {
  const all = (member: 'rule' | 'reason'): string[] => [
    ...new Set(findings.map((finding) => finding[member])),
  ]
  return { rule: all('rule').join(' + '), reason: all('reason').join(' ') }
}

function ruleFinding(rule: ToolRule): Finding | undefined {
  if (rule.verdict !== 'deny' && rule.verdict !== 'ask') return undefined
  return { rule: rule.name, verdict: rule.verdict, reason: reasonOf(rule) }
}

function reasonOf({ name, reason }: ToolRule): string {
  return reason ?? `The rule ${name} says so.`
}

function flows({ tool, arguments: args, pasts }: CallFacts, settings: DecisionSettings): Finding[] {
  if (settings.flows === undefined || settings.flows.length === 0) return []
  const texts = (): readonly string[] => argumentTexts(tool, args).texts.map(({ text }) => text)
  return flowFindings(settings.flows, { tool: tool.name, toolClass: tool.toolClass, texts }, pasts)
}

/** Whether the arguments fit the tool's schema; a Standard Schema that takes its time is for who runs the tool. */
export function schemaFinding({ parameters }: KnownTool, args: unknown): Finding | undefined {
  if (typeof parameters !== 'object' || parameters === null) return undefined
  const decision = schemaInspector(parameters)(args)
  return decision instanceof Promise ? undefined : decision.findings[0]
}
