import { allowed, decide, type Decision, type Finding } from '../../decision.ts'
import { hiddenCharacterIn } from '../characters.ts'
import { dangerousFunctions, pureFunctions } from './functions.ts'
import { sqlStatements, type SqlToken, sqlTokens } from './tokens.ts'

/** What SQL may do. */
export interface SqlOptions {
  /** What happens to a single statement that changes named rows or adds something. @default 'ask' */
  readonly scopedWrites?: 'allow' | 'ask'
  /** Functions of the application that change nothing, in any case. */
  readonly pureFunctions?: readonly string[]
  /** Longer texts are asked for unread. @default 32768 */
  readonly maxLength?: number
}

/**
 * Decides about SQL: one statement that only reads passes, everything else is asked for or refused.
 * It knows statements and functions by name and asks for those that it does not know. The best control is still a
 * database role that cannot write.
 */
export function inspectSql(sql: string, options: SqlOptions = {}): Decision {
  if (sql.length > (options.maxLength ?? 32_768))
    return ask('sql.too-long', 'The statement is too long to look into.')
  if (hiddenCharacterIn(sql) !== undefined) {
    return ask('sql.hidden-character', 'The statement holds an invisible character.')
  }
  const read = sqlTokens(sql)
  if ('unreadable' in read)
    return ask(
      'sql.ambiguous',
      `Databases read this statement in different ways: ${read.unreadable}.`,
    )
  const statements = sqlStatements(read.tokens)
  if (statements.length === 0) return ask('sql.empty', 'There is no statement.')
  if (statements.length > 1) return ask('sql.multiple', 'Run one statement at a time.')
  const [statement = []] = statements
  const own = new Set(options.pureFunctions?.map((name) => name.toUpperCase()))
  const findings = findingsOf(statement, own)
  if (findings.length === 0) return allowed
  if (options.scopedWrites === 'allow' && isScopedWrite(statement, own)) return allowed
  return decide(findings)
}

function ask(rule: string, reason: string): Decision {
  return decide([{ rule, verdict: 'ask', reason }])
}

const mostFindings = 20

const readingVerbs = new Set([
  'SELECT',
  'VALUES',
  'TABLE',
  'WITH',
  'DESCRIBE',
  'DESC',
  'SHOW',
  'EXPLAIN',
  'PRAGMA',
  '(',
])

// Words that begin or belong to a statement that changes something, wherever they stand as words of their own.
const changing =
  /^(?:INSERT|UPDATE|DELETE|MERGE|UPSERT|DROP|ALTER|CREATE|TRUNCATE|GRANT|REVOKE|CALL|EXEC|EXECUTE|DO|COPY|VACUUM|ANALYZE|REINDEX|CLUSTER|REFRESH|LOCK|ATTACH|DETACH|LOAD|IMPORT|OUTFILE|DUMPFILE|HANDLER|SHUTDOWN|KILL|PURGE|RENAME|PREPARE|DEALLOCATE|LISTEN|NOTIFY|UNLISTEN|DISCARD|CHECKPOINT|RETURNING|WAITFOR|BACKUP|RESTORE|DBCC|BULK|OPENROWSET|OPENQUERY|RECONFIGURE)$/

const readingPragmas =
  /^(?:TABLE_INFO|TABLE_XINFO|TABLE_LIST|INDEX_LIST|INDEX_INFO|INDEX_XINFO|FOREIGN_KEY_LIST|FOREIGN_KEY_CHECK|DATABASE_LIST|COLLATION_LIST|COMPILE_OPTIONS|FUNCTION_LIST|INTEGRITY_CHECK|QUICK_CHECK|MODULE_LIST|PRAGMA_LIST|STATS)$/
const readingPragmasWithoutValue =
  /^(?:USER_VERSION|SCHEMA_VERSION|PAGE_COUNT|PAGE_SIZE|FREELIST_COUNT|ENCODING|JOURNAL_MODE|FOREIGN_KEYS|SYNCHRONOUS|CACHE_SIZE|DATA_VERSION|APPLICATION_ID|AUTO_VACUUM)$/
/** Tables that hold passwords. */
export const secretTables: RegExp =
  /^(?:PG_SHADOW|PG_AUTHID|PG_USER_MAPPINGS?|PG_HBA_FILE_RULES|PG_FILE_SETTINGS|PG_LARGEOBJECT|USER\$|SYSLOGINS|SQL_LOGINS|SYSUSERS|AUTHENTICATION_STRING)$/

function findingsOf(statement: readonly SqlToken[], own: ReadonlySet<string>): Finding[] {
  const findings: Finding[] = []
  const note = (rule: string, reason: string, verdict: 'ask' | 'deny' = 'ask') =>
    findings.push({ rule, verdict, reason })
  const at = (index: number): string => {
    const token = statement[index]
    return token === undefined || token.kind === 'string' || token.kind === 'quoted'
      ? ''
      : token.text
  }
  const verb = at(0)
  if (!readingVerbs.has(verb)) {
    note(
      'sql.writes',
      `${verb === '' ? 'This' : verb} changes the database, its structure or who may use it.`,
    )
  }
  if (
    verb === 'EXPLAIN' &&
    statement.some(({ kind, text }) => kind === 'word' && /^ANALY[ZS]E$/.test(text))
  ) {
    note('sql.explain-analyze', 'EXPLAIN ANALYZE runs the statement.')
  }
  if (verb === 'PRAGMA') pragma(statement, note)
  for (const [index, token] of statement.entries()) {
    if (findings.length > mostFindings) break
    const { kind, text } = token
    const next = at(index + 1)
    const previous = at(index - 1)
    if (kind === 'quoted') {
      if (next === '(')
        note('sql.function', `The function "${text.slice(0, 60)}" is not known to be harmless.`)
      if (secretTables.test(text)) note('sql.credential', 'The table holds passwords.')
      continue
    }
    if (kind === 'symbol') {
      if (text === ':' && next === '=') note('sql.assignment', 'The statement sets a variable.')
      continue
    }
    if (kind !== 'word') continue
    const qualified = previous === '.'
    if (
      secretTables.test(text) ||
      (text === 'USER' && previous === '.' && at(index - 2) === 'MYSQL')
    )
      note('sql.credential', 'The table holds passwords.')
    if (next === '(' && index > 0 && verb !== 'PRAGMA') {
      if (dangerousFunctions.test(text))
        note(
          'sql.dangerous-function',
          `${text} reaches files, programs, other machines or other sessions.`,
          'deny',
        )
      else if (
        !pureFunctions.has(text) &&
        !own.has(text) &&
        !isCommonTable(statement, index) &&
        !isColumnList(statement, index)
      ) {
        note('sql.function', `The function ${text.slice(0, 60)} is not known to be harmless.`)
      }
      if (
        qualified &&
        pureFunctions.has(text) &&
        !/^(?:PG_CATALOG|INFORMATION_SCHEMA|DBO|SYS)$/.test(at(index - 2))
      )
        note('sql.function', `A function of another schema may do anything: ${text}.`)
    }
    if (qualified || (verb === 'PRAGMA' && index > 0)) continue
    if (changing.test(text) && index > 0 && next !== '(' && verb !== 'SHOW')
      note('sql.writes', `${text} changes something.`)
    if (text === 'INTO') note('sql.into', 'INTO writes the result somewhere.')
    if (text === 'FOR' && /^(?:UPDATE|SHARE|NO|KEY)$/.test(next))
      note('sql.locks', `FOR ${next} locks rows.`)
    if (text === 'LOCK' || (text === 'PROGRAM' && next === ''))
      note('sql.writes', `${text} does more than read.`)
    if (text === 'NEXT' && next === 'VALUE')
      note('sql.sequence', 'The statement takes a number of a sequence.')
    if (text === 'SET' && index > 0 && verb !== 'SHOW') note('sql.writes', 'SET changes something.')
  }
  return findings
}

function pragma(
  statement: readonly SqlToken[],
  note: (rule: string, reason: string) => void,
): void {
  const names = statement.slice(1).filter(({ kind }) => kind === 'word')
  const dotted = statement[2]?.text === '.'
  const name = (dotted ? names[1] : names[0])?.text ?? ''
  const rest = statement.slice(dotted ? 4 : 2)
  const reads = readingPragmas.test(name)
    ? rest.every(({ text }) => text !== '=')
    : readingPragmasWithoutValue.test(name) && rest.length === 0
  if (!reads) note('sql.pragma', `PRAGMA ${name} changes how the database works.`)
}

/** `WITH name (a, b) AS (`: the name of a common table with its columns, not a function. */
function isCommonTable(statement: readonly SqlToken[], index: number): boolean {
  const previous = statement[index - 1]?.text
  if (previous !== 'WITH' && previous !== 'RECURSIVE' && previous !== ',') return false
  let close = index
  while (close < statement.length && statement[close]?.text !== ')') close++
  return (
    statement[close + 1]?.text === 'AS' &&
    /^(?:\(|NOT|MATERIALIZED)$/.test(statement[close + 2]?.text ?? '')
  )
}

/** `FROM (…) AS name (a, b)` and `JOIN x USING (a)`: columns, not arguments. */
function isColumnList(statement: readonly SqlToken[], index: number): boolean {
  return statement[index - 1]?.text === 'AS'
}

/** One INSERT of values, one UPDATE or DELETE of rows that are named by value, one table, index or column more. */
function isScopedWrite(statement: readonly SqlToken[], own: ReadonlySet<string>): boolean {
  const texts = statement.map(({ kind, text }) => (kind === 'string' ? "''" : text))
  const verb = texts[0] ?? ''
  const inner = findingsOf(
    [
      { kind: 'word', text: 'SELECT' },
      ...statement.slice(1).filter(({ text }) => !/^(?:INTO|SET|UPDATE|DO|INDEX)$/.test(text)),
    ],
    own,
  )
  if (verb === 'INSERT')
    return (
      texts.includes('VALUES') &&
      !texts.includes('SELECT') &&
      inner.every(({ rule }) => rule === 'sql.function') &&
      !texts.includes('DUPLICATE') &&
      !texts.includes('UPDATE')
    )
  if (verb === 'CREATE')
    return (
      /^(?:TABLE|INDEX|UNIQUE)$/.test(texts[1] ?? '') &&
      !texts.includes('AS') &&
      !texts.includes('SELECT')
    )
  if (verb === 'ALTER')
    return (
      texts[1] === 'TABLE' &&
      texts.includes('ADD') &&
      !texts.some((text) => /^(?:DROP|RENAME|OWNER|TO|DISABLE|TYPE)$/.test(text))
    )
  if (verb !== 'UPDATE' && verb !== 'DELETE') return false
  const where = texts.indexOf('WHERE')
  if (where < 0 || inner.length > 0) return false
  return isNamedRows(statement.slice(where + 1))
}

/** `id = 5 AND name = 'x'`: every condition compares a column with a value. */
function isNamedRows(condition: readonly SqlToken[]): boolean {
  let rest = condition
  for (;;) {
    const [column, operator, value, next] = rest
    const isColumn =
      column !== undefined &&
      /^(?:word|quoted)$/.test(column.kind) &&
      !/^(?:TRUE|NOT|NULL|FALSE|EXISTS)$/.test(column.text)
    if (!isColumn || operator?.text !== '=' || value === undefined) return false
    const parameter =
      value.text === '?' || value.text === '$' || value.text === ':' || value.text === '@'
    if (value.kind !== 'string' && value.kind !== 'number' && !parameter) return false
    const used =
      parameter && next !== undefined && /^(?:word|number)$/.test(next.kind) && next.text !== 'AND'
        ? 4
        : 3
    if (rest.length === used) return true
    if (rest[used]?.text !== 'AND') return false
    rest = rest.slice(used + 1)
  }
}
