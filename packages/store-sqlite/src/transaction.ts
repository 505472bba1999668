import type { DatabaseSync } from 'node:sqlite'

/** Does `work` wholly or not at all. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  // Immediate: a reader that turns writer later would be refused instead of waiting.
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // A full disk has rolled back already.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
