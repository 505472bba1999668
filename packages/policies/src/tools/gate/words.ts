import type { CallDecision } from './decide-call.ts'
import type { KnownTool } from './known-tools.ts'

/** How every refusal begins. */
export const refusedWords = 'Tool call refused:'

/** What a model is told of a call that was refused: what, why, and what it can do instead. */
export function refusalText(
  tool: string,
  { rule, reason }: Pick<CallDecision, 'rule' | 'reason'>,
): string {
  return `${refusedWords} ${tool} was not run. ${sentence(reason)} ${adviceFor(rule)}`
}

/** What a model is told of a call that was only tried out. */
export function dryRunText(tool: KnownTool, args: unknown): string {
  const what =
    tool.description === undefined ? '' : ` What it does: ${firstSentence(tool.description)}`
  return `Dry run: ${tool.name} was not run. It would have been called with ${JSON.stringify(args)}.${what}`
}

/** Where nobody can be asked, what would be asked is refused. */
export function nobodyToAsk(reason: string): string {
  return `${sentence(reason)} It needs a person's approval, and nobody can be asked here.`
}

function adviceFor(rule: string): string {
  if (rule === 'call.cut-off') return 'Call it again with shorter arguments, in one call at a time.'
  if (rule.startsWith('schema.') || rule === 'call.malformed') {
    return 'Correct the arguments and call it again.'
  }
  if (rule === 'call.not-offered') return 'Use one of the tools that are offered.'
  if (rule === 'call.failed-twice') return 'Change the arguments, or find another way.'
  return 'Do not call it again with the same arguments; go on without it, or say what you need it for.'
}

function sentence(reason: string): string {
  return /[.!?]$/.test(reason) ? reason : `${reason}.`
}

function firstSentence(text: string): string {
  const line = text.trim().split('\n', 1)[0] ?? ''
  const [first = line] = /^.*?[.!?](?=\s|$)/.exec(line) ?? []
  return first.length > 300 ? `${first.slice(0, 300)} …` : first
}
