import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue } from 'node:sqlite'
import { SqliteSaver } from '@langchain/langgraph-checkpoint-sqlite'
import { playFrom } from '../agents/langgraph.ts'
import type { PlayAgent } from '../agents/agent.ts'

/** LangGraph with its own SqliteSaver at its most durable: every step is written before the next one begins. */
export function playWithCheckpointer(path: string): PlayAgent {
  return (start) => playFrom(start, new SqliteSaver(betterSqlite(path)))
}

/**
 * The part of better-sqlite3 that the saver uses, on node:sqlite: the driver builds itself at installation, which is
 * allowed nowhere here. Journal mode and SQL are the saver's own; better-sqlite3 too leaves `synchronous` at FULL.
 */
export function betterSqlite(path: string): ConstructorParameters<typeof SqliteSaver>[0] {
  const database = new DatabaseSync(path, { timeout: 5_000 })
  return {
    pragma: (text: string) => database.exec(`PRAGMA ${text}`),
    exec: (text: string) => database.exec(text),
    prepare(text: string) {
      const statement = database.prepare(text)
      // better-sqlite3 takes undefined for NULL.
      const bound = (values: readonly (SQLInputValue | undefined)[]): SQLInputValue[] =>
        values.map((value) => value ?? null)
      return {
        get: (...values: SQLInputValue[]) => statement.get(...bound(values)),
        all: (...values: SQLInputValue[]) => statement.all(...bound(values)),
        run: (...values: SQLInputValue[]) => statement.run(...bound(values)),
      }
    },
    transaction:
      (work: (...args: readonly SQLInputValue[]) => unknown) =>
      (...args: readonly SQLInputValue[]) => {
        database.exec('BEGIN')
        try {
          const result = work(...args)
          database.exec('COMMIT')
          return result
        } catch (error) {
          database.exec('ROLLBACK')
          throw error
        }
      },
  }
}
