import type { Finding } from '../../decision.ts'
import type { ToolClass } from '../../classify/tool-class.ts'
import { matchesTool } from '../match.ts'
import type { AfterRule, FlowRule, TaintRule, ToolMatch } from '../options.ts'
import type { Past } from './past.ts'
import { sharesText } from './shared-text.ts'

/** A call that is about to be made. */
export interface FlowCall {
  readonly tool: string
  readonly toolClass: ToolClass
  /** Every text among its arguments. */
  readonly texts: () => readonly string[]
}

/** What the flow rules say against a call, by what happened before it. */
export function flowFindings(
  flows: readonly FlowRule[],
  call: FlowCall,
  pasts: readonly Past[],
): Finding[] {
  return flows.flatMap((rule) => {
    const found =
      'after' in rule ? afterFinding(rule, call, pasts) : taintFinding(rule, call, pasts)
    return found === undefined ? [] : [found]
  })
}

/** True for tools whose results are to be kept, because a rule follows them. */
export function isFollowed(
  flows: readonly FlowRule[],
  tool: string,
  toolClass: ToolClass,
): boolean {
  return flows.some((rule) => 'from' in rule && matchesTool(rule.from, tool, toolClass))
}

function afterFinding(
  rule: AfterRule,
  { tool, toolClass }: FlowCall,
  pasts: readonly Past[],
): Finding | undefined {
  const fits = (match: ToolMatch | undefined): boolean =>
    match !== undefined && matchesTool(match, tool, toolClass)
  const denies = fits(rule.deny)
  if (!denies && !fits(rule.ask)) return undefined
  const before = pasts
    .flatMap(({ called }) => [...called])
    .find(([name, itsClass]) => matchesTool(rule.after, name, itsClass))
  const name = rule.name ?? 'flow.after'
  if (before !== undefined) {
    const reason = rule.reason ?? `${before[0]} was called before in this run.`
    return { rule: name, verdict: denies ? 'deny' : 'ask', reason }
  }
  return pasts.some(({ lost }) => lost) ? unknownPast(name) : undefined
}

function taintFinding(
  rule: TaintRule,
  { tool, toolClass, texts }: FlowCall,
  pasts: readonly Past[],
): Finding | undefined {
  if (!matchesTool(rule.into, tool, toolClass)) return undefined
  const name = rule.name ?? 'flow.taint'
  const given = texts()
  for (const { results } of pasts) {
    for (const result of results) {
      if (!matchesTool(rule.from, result.tool, result.toolClass)) continue
      if (!sharesText(given, result.text)) continue
      const reason = rule.reason ?? `Its arguments repeat what ${result.tool} has answered.`
      return { rule: name, verdict: rule.verdict ?? 'deny', reason }
    }
  }
  return pasts.some(({ lost }) => lost) ? unknownPast(name) : undefined
}

function unknownPast(rule: string): Finding {
  return {
    rule,
    verdict: 'ask',
    reason: 'So much has happened in this run that not all of it is known any more.',
  }
}
