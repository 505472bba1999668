import type { AccessReport } from '@holdfast/audit'
import { visibleText } from '@holdfast/policies/approvals'
import { columns } from '../journal/columns.ts'

/** Who used what, as tables. */
export function accessText(report: AccessReport): string {
  const { tools, data, rules, unusedPermissions, unusedRules } = report
  if (tools.length === 0 && rules.length === 0) return 'nothing was used\n'
  const parts: string[] = []
  if (tools.length > 0) {
    parts.push(
      columns([
        ['agent', 'tool', 'class', 'ran', 'failed', 'denied', 'asked', 'data', 'users', 'last'],
        ...tools.map((use) =>
          [
            use.agent === '' ? '-' : use.agent,
            use.tool,
            use.toolClass ?? '',
            ...[use.runs, use.failed, use.denied, use.asked].map(String),
            use.data.join(' '),
            String(use.users),
            minuteOf(use.lastAt),
          ].map(visibleText),
        ),
      ]),
    )
  }
  if (data.length > 0) {
    parts.push(
      columns([
        ['agent', 'data', 'times', 'last'],
        ...data.map(({ agent, kind, times, lastAt }) =>
          [agent === '' ? '-' : agent, kind, String(times), minuteOf(lastAt)].map(visibleText),
        ),
      ]),
    )
  }
  if (rules.length > 0) {
    parts.push(
      columns([
        ['rule', 'policy', 'decided', 'last'],
        ...rules.map(({ rule, policy, times, lastAt }) =>
          [rule, policy, String(times), minuteOf(lastAt)].map(visibleText),
        ),
      ]),
    )
  }
  if (unusedPermissions.length > 0) {
    parts.push(
      columns([
        ['permission never used', 'rule', 'agents'],
        ...unusedPermissions.map(({ tool, rule, agents = ['all'] }) =>
          [tool, rule, agents.join(' ')].map(visibleText),
        ),
      ]),
    )
  }
  if (unusedRules.length > 0) {
    parts.push(columns([['rule never used'], ...unusedRules.map((rule) => [visibleText(rule)])]))
  }
  return parts.join('\n')
}

function minuteOf(at: string): string {
  return at.slice(0, 16).replace('T', ' ')
}
