import type { LoggedRow } from '@holdfast/audit'
import { visibleText } from '@holdfast/policies/approvals'
import { columns } from '../journal/columns.ts'
import { shortTime } from '../journal/duration.ts'

/** Rows as a table, one line each. */
export function rowsText(rows: readonly LoggedRow[], left: number): string {
  if (rows.length === 0) return 'no rows\n'
  const table = columns([
    ['time', 'what', 'tool or text', 'agent', 'user', 'rule', 'why'],
    ...rows.map((row) => cellsOf(row).map(visibleText)),
  ])
  return left === 0 ? table : `${table}${left} older ones: --limit ${rows.length + left}\n`
}

/** One row in full, a field to a line. */
export function rowText(row: LoggedRow): string {
  const { segment, seq, at, kind, ...fields } = row
  const hidden = new Set(['previous', 'mac', 'hash'])
  const lines = Object.entries(fields)
    .filter(([name, value]) => !hidden.has(name) && value !== undefined)
    .map(([name, value]) => [
      `  ${name}`,
      visibleText(typeof value === 'string' ? value : JSON.stringify(value)),
    ])
  return `${timeOf(at)}  ${visibleText(kind)}  (${visibleText(segment)}, row ${seq})\n${lines.length === 0 ? '' : columns(lines)}`
}

function cellsOf(row: LoggedRow): string[] {
  const time = timeOf(row.at)
  switch (row.kind) {
    case 'decision-made': {
      const verdict = row.enforced ? row.verdict : `(${row.verdict})`
      const by = row.by === undefined ? '' : ` by ${row.by}`
      const who = [row.agent ?? '', row.user ?? '']
      return [time, `${verdict}${by}`, row.name, ...who, row.rule, row.reason]
    }
    case 'tool-started':
      return [time, 'runs', row.name, row.agent ?? '', row.user ?? '', '', '']
    case 'tool-ended': {
      const became = row.outcome === 'done' ? 'done' : `failed: ${row.error ?? ''}`
      return [
        time,
        'ended',
        row.name,
        row.agent ?? '',
        row.user ?? '',
        '',
        `${became} after ${shortTime(row.tookMs)}`,
      ]
    }
    case 'configuration-loaded': {
      const version = row.configuration.slice(0, 12)
      return [time, 'rules', '', '', '', '', `version ${version}, ${row.rules.length} of your own`]
    }
    case 'rows-lost':
      return [time, 'LOST', '', '', '', '', `${row.rows} rows since ${timeOf(row.since)}`]
    case 'segment-opened':
      return [time, 'begins', '', '', '', '', `process ${row.pid}`]
    case 'segment-closed':
      return [time, 'ends', '', '', '', '', '']
    default:
      // A newer version's.
      return [time, Reflect.get(row, 'kind') as string, '', '', '', '', '']
  }
}

/** `2026-11-21 10:00:00` */
function timeOf(at: string): string {
  return visibleText(at.slice(0, 19).replace('T', ' '))
}
