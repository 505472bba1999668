import { allowed, decide, type Decision, type Finding } from '../../decision.ts'
import { dangerousFunctions, pureFunctions } from './functions.ts'
import { secretTables, type SqlOptions } from './sql.ts'

/** The part of libpg-query that is used. */
interface PostgresParser {
  loadModule(): Promise<void>
  parseSync(sql: string): unknown
}

/**
 * Loads PostgreSQL's own grammar, where the package `libpg-query` is installed, and answers with an inspector for
 * PostgreSQL; undefined where it is not installed.
 */
export async function postgresInspector(
  options: SqlOptions = {},
): Promise<((sql: string) => Decision) | undefined> {
  let parser: PostgresParser
  try {
    const loaded = (await import('libpg-query')) as unknown as PostgresParser & {
      default?: PostgresParser
    }
    parser = typeof loaded.parseSync === 'function' ? loaded : (loaded.default ?? loaded)
    await parser.loadModule()
  } catch {
    return undefined
  }
  return (sql) => inspectPostgres(sql, parser, options)
}

function inspectPostgres(sql: string, parser: PostgresParser, options: SqlOptions): Decision {
  const ask = (rule: string, reason: string) => decide([{ rule, verdict: 'ask', reason }])
  if (sql.length > (options.maxLength ?? 32_768))
    return ask('sql.too-long', 'The statement is too long to look into.')
  if (sql.includes('\0')) return ask('sql.hidden-character', 'The statement holds a NUL character.')
  let statements: readonly unknown[]
  try {
    statements = (parser.parseSync(sql) as { stmts?: readonly unknown[] }).stmts ?? []
  } catch {
    return ask('sql.parse', 'PostgreSQL cannot read this statement.')
  }
  if (statements.length !== 1) return ask('sql.multiple', 'Run one statement at a time.')
  const findings: Finding[] = []
  look(statements[0], new Set(options.pureFunctions?.map((name) => name.toUpperCase())), findings)
  return findings.length === 0 ? allowed : decide(findings)
}

const reading = new Set(['SelectStmt', 'ExplainStmt', 'VariableShowStmt', 'RawStmt'])

function look(node: unknown, own: ReadonlySet<string>, findings: Finding[]): void {
  const note = (rule: string, reason: string, verdict: 'ask' | 'deny' = 'ask') =>
    findings.push({ rule, verdict, reason })
  if (Array.isArray(node)) {
    for (const item of node) look(item, own, findings)
    return
  }
  if (typeof node !== 'object' || node === null || findings.length > 20) return
  for (const [key, value] of Object.entries(node)) {
    if (/^[A-Z]\w*Stmt$/.test(key) && !reading.has(key))
      note(
        'sql.writes',
        `${key.slice(0, -4)} changes the database, its structure or who may use it.`,
      )
    if (key === 'intoClause') note('sql.into', 'INTO writes the result somewhere.')
    if (key === 'lockingClause') note('sql.locks', 'The statement locks rows.')
    if (
      key === 'ExplainStmt' &&
      JSON.stringify((value as { options?: unknown }).options ?? []).includes('"analyze"')
    )
      note('sql.explain-analyze', 'EXPLAIN ANALYZE runs the statement.')
    if (
      key === 'RangeVar' &&
      secretTables.test(String((value as { relname?: string }).relname).toUpperCase())
    )
      note('sql.credential', 'The table holds passwords.')
    if (key === 'FuncCall') {
      const path = (
        (value as { funcname?: readonly { String?: { sval?: string } }[] }).funcname ?? []
      ).map((part) => (part.String?.sval ?? '').toUpperCase())
      const name = path.at(-1) ?? ''
      if (dangerousFunctions.test(name))
        note(
          'sql.dangerous-function',
          `${name} reaches files, programs, other machines or other sessions.`,
          'deny',
        )
      else if (
        !own.has(name) &&
        (!pureFunctions.has(name) || (path.length > 1 && path[0] !== 'PG_CATALOG'))
      )
        note('sql.function', `The function ${name.slice(0, 60)} is not known to be harmless.`)
    }
    look(value, own, findings)
  }
}
