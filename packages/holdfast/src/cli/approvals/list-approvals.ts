import type { ApprovalRecord, StickyDecision } from '@holdfast/core/approvals'
import { timeOf, visibleText } from '@holdfast/policies/approvals'
import type { ApprovalDesk } from '@holdfast/policies/approvals'
import { columns } from '../journal/columns.ts'

/** The questions as a table, the latest first. Arguments are for `show`: here they would be cut. */
export async function listApprovals(
  desk: ApprovalDesk,
  {
    all = false,
    run,
    limit = '20',
  }: {
    readonly all?: boolean | undefined
    readonly run?: string | undefined
    readonly limit?: string | undefined
  },
): Promise<string> {
  const count = Number(limit)
  if (!Number.isInteger(count) || count < 1) throw new TypeError('--limit is a whole number from 1')
  const found = await desk.list({
    limit: count,
    ...(all ? {} : { states: ['pending'] }),
    ...(run === undefined ? {} : { runId: run }),
  })
  if (found.length === 0) return all ? 'no approvals\n' : 'nothing waits\n'
  const head = ['id', 'tool', 'class', 'rule', 'run', 'state', 'by', 'until']
  return columns([head, ...found.map((record) => rowOf(record).map(visibleText))])
}

/** Decisions that answer later questions, the latest first. */
export async function listSticky(
  desk: ApprovalDesk,
  { all = false }: { readonly all?: boolean | undefined },
): Promise<string> {
  const found = (await desk.sticky()).filter(({ revokedAtMs }) => all || revokedAtMs === undefined)
  if (found.length === 0) return 'no sticky decisions\n'
  const head = ['id', 'decision', 'tool', 'rule', 'for', 'arguments', 'by', 'since']
  return columns([head, ...found.map((decision) => stickyRowOf(decision).map(visibleText))])
}

function rowOf(record: ApprovalRecord): string[] {
  const { id, tool, toolClass, rule, runId, state, decidedBy = '', expiresAtMs } = record
  const stands = state === 'pending' || state === 'approved' || state === 'denied'
  return [id, tool, toolClass, rule, runId, state, decidedBy, stands ? timeOf(expiresAtMs) : '']
}

function stickyRowOf(decision: StickyDecision): string[] {
  const { id, verdict, tool, rule, arguments: pattern, by, createdAtMs, revokedBy } = decision
  const state = revokedBy === undefined ? verdict : `${verdict}, revoked by ${revokedBy}`
  return [id, state, tool, rule, reachOf(decision), argumentsOf(pattern), by, timeOf(createdAtMs)]
}

function reachOf({ scope, runId, session, agent, tenant, user }: StickyDecision): string {
  const names = {
    run: `run ${runId}`,
    session: `session ${session}`,
    agent: `agent ${agent}`,
    always: 'always',
  }
  const whose = [
    user === undefined ? '' : `user ${user}`,
    tenant === undefined ? '' : `tenant ${tenant}`,
  ]
  return [names[scope], ...whose].filter((one) => one !== '').join(', ')
}

function argumentsOf(pattern: StickyDecision['arguments']): string {
  if (pattern === undefined) return 'any'
  return JSON.stringify({ ...(JSON.parse(pattern.text) as object), ...pattern.members })
}
