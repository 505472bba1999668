import type { ApprovalRecord } from '@holdfast/core/approvals'
import { visibleArguments, visibleText } from './visible-text.ts'

/** A question as a person reads it: what would be executed, all of it, with nothing hidden in it. */
export function describeApproval(record: ApprovalRecord): string {
  const { id, tool, toolClass, rule, reason, argumentsText, editedText } = record
  const lines = [
    `Approval ${id}: ${shown(tool)} (${shown(toolClass)})`,
    `  why        ${shown(reason)} [${shown(rule)}]`,
    `  where      ${shown(whereOf(record))}`,
    `  ${stateOf(record)}`,
    '  arguments',
    indented(visibleArguments(argumentsText)),
  ]
  if (editedText !== undefined) {
    lines.push('  executed with', indented(visibleArguments(editedText)))
  }
  return lines.join('\n')
}

function shown(text: string): string {
  return visibleText(text)
}

function whereOf({ runId, session, agent, user, tenant }: ApprovalRecord): string {
  const facts = { run: runId, agent, session, user, tenant }
  return Object.entries(facts)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
    .join(', ')
}

function stateOf({
  state,
  atExpiry,
  expiresAtMs,
  decidedBy = '',
  decidedAtMs,
  denialReason,
}: ApprovalRecord): string {
  const until = timeOf(expiresAtMs)
  if (state === 'pending') {
    return `until      ${until}, then ${atExpiry === 'allow' ? 'ALLOWED' : 'denied'}`
  }
  const when = decidedAtMs === undefined ? '' : `, ${timeOf(decidedAtMs)}`
  const more = state === 'approved' ? `, good until ${until}` : ''
  const why = denialReason === undefined ? '' : `: ${shown(denialReason)}`
  return `${state.padEnd(10)} by ${shown(decidedBy)}${when}${more}${why}`
}

/** To the second, in UTC. */
export function timeOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '    ')
}
