import type { AccessReport } from '@holdfast/audit'
import { columns } from '../journal/columns.ts'
import { visible } from './visible.ts'

/** Who used what, as tables. */
export function accessText({ tools, rules, unusedRules }: AccessReport): string {
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
            use.lastAt.slice(0, 16).replace('T', ' '),
          ].map(visible),
        ),
      ]),
    )
  }
  if (rules.length > 0) {
    parts.push(
      columns([
        ['rule', 'policy', 'decided', 'last'],
        ...rules.map(({ rule, policy, times, lastAt }) =>
          [rule, policy, String(times), lastAt.slice(0, 16).replace('T', ' ')].map(visible),
        ),
      ]),
    )
  }
  if (unusedRules.length > 0) {
    parts.push(`never used:\n${unusedRules.map((rule) => `  ${visible(rule)}\n`).join('')}`)
  }
  return parts.join('\n')
}
