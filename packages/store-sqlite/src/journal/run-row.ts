import type { JournalRun, JournalRunState } from '@holdfast/core'
import type { SQLOutputValue } from 'node:sqlite'

/** A row of the table of runs. */
export type RunRow = Record<string, SQLOutputValue>

/** What a row says of its run. */
export function runOf(row: RunRow): JournalRun {
  const text = (column: string): string | undefined => {
    const value = row[column]
    return typeof value === 'string' ? value : undefined
  }
  const named = {
    key: text('key'),
    parentId: text('parent_id'),
    agent: text('agent'),
    session: text('session'),
    tenant: text('tenant'),
    user: text('user'),
    secret: text('secret'),
  }
  const owner = text('owner')
  return {
    id: String(row['id']),
    state: String(row['state']) as JournalRunState,
    ...(Object.fromEntries(
      Object.entries(named).filter(([, value]) => value !== undefined),
    ) as Partial<JournalRun>),
    createdAtMs: Number(row['created_at']),
    updatedAtMs: Number(row['updated_at']),
    fence: Number(row['fence']),
    ...(owner === undefined
      ? {}
      : { owner: JSON.parse(owner) as NonNullable<JournalRun['owner']> }),
    leaseUntilMs: Number(row['lease_until']),
  }
}
