import type { LoggedRow } from '@holdfast/audit'

/** Which rows are wanted. */
export interface RowQuery {
  /** ISO 8601. */
  readonly since?: string | undefined
  readonly agent?: string | undefined
  /** Fields that have to have these values; a value may end in `*`. */
  readonly equal?: Readonly<Record<string, string | undefined>>
  /** A run or a call: its rows, and those of runs that it has started. */
  readonly of?: string | undefined
  readonly limit: number
}

export interface SelectedRows {
  /** By time, the newest last. */
  readonly rows: readonly LoggedRow[]
  /** How many older ones there are. */
  readonly left: number
}

/** The newest rows that are wanted, of all processes together. */
export function selectRows(log: Iterable<LoggedRow>, query: RowQuery): SelectedRows {
  const { since = '', of, limit } = query
  const wanted = Object.entries(query.equal ?? {}).flatMap(([field, value]) =>
    value === undefined ? [] : [[field, value] as const],
  )
  const found: LoggedRow[] = []
  for (const row of log) {
    if (row.at < since) continue
    if (
      of !== undefined &&
      !['run', 'parent', 'call'].some((field) => valueOf(row, field) === of)
    ) {
      continue
    }
    if (wanted.every(([field, value]) => fits(valueOf(row, field), value))) found.push(row)
  }
  const sorted = found.toSorted(
    (a, b) => compare(a.at, b.at) || compare(a.segment, b.segment) || a.seq - b.seq,
  )
  return { rows: sorted.slice(-Math.max(limit, 1)), left: Math.max(0, sorted.length - limit) }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function valueOf(row: LoggedRow, field: string): unknown {
  return Reflect.get(row, field)
}

function fits(value: unknown, wanted: string): boolean {
  if (typeof value !== 'string') return false
  return wanted.endsWith('*') ? value.startsWith(wanted.slice(0, -1)) : value === wanted
}
