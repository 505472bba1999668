import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { postgresInspector } from './postgres.ts'
import { inspectSql } from './sql.ts'

const reads = [
  'SELECT * FROM users',
  "select count(*), max(a) from t where b like '%;%' group by c having sum(d) > 5 order by 1 desc limit 10",
  'WITH x (a, b) AS (SELECT 1, 2) SELECT a FROM x',
  'WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 100) SELECT sum(n) FROM t',
  'SELECT a FROM t1 JOIN t2 USING (id) LEFT JOIN t3 ON t1.x = t3.y',
  "SELECT 'DROP TABLE users; --' AS text",
  'SELECT "delete", t."update" FROM t',
  'SELECT * FROM t -- DROP TABLE t',
  'SELECT * FROM t /* DELETE FROM t */',
  'SELECT deleted_at, updated_at FROM t',
  'SELECT extract(year FROM created) FROM t',
  'SELECT (SELECT max(id) FROM b) FROM a WHERE EXISTS (SELECT 1 FROM c)',
  "SELECT data->>'name', data #>> '{a,b}' FROM t",
  'SELECT row_number() OVER (PARTITION BY a ORDER BY b) FROM t',
  'EXPLAIN SELECT 1',
  'SELECT a FROM t UNION SELECT b FROM u;',
  'VALUES (1), (2)',
]

const stops = [
  'DROP TABLE users',
  'DELETE FROM users',
  'UPDATE users SET admin = true',
  'TRUNCATE users',
  'INSERT INTO t SELECT * FROM u',
  'WITH d AS (DELETE FROM users RETURNING *) SELECT * FROM d',
  'SELECT 1; DROP TABLE users',
  'EXPLAIN ANALYZE DELETE FROM users',
  'EXPLAIN (ANALYZE, BUFFERS) SELECT 1',
  'SELECT * INTO copy FROM users',
  'SELECT * FROM users FOR UPDATE',
  'SELECT pg_sleep(10)',
  "SELECT pg_read_file('/etc/passwd')",
  "SELECT lo_import('/etc/passwd')",
  "SELECT * FROM dblink('host=x', 'SELECT 1') AS t(a int)",
  'SELECT drop_everything()',
  'SELECT public.count(*) FROM t',
  "SELECT nextval('s')",
  'SELECT usename, passwd FROM pg_shadow',
  "COPY t TO PROGRAM 'sh'",
  'DO $$ BEGIN DELETE FROM users; END $$',
  'CALL x()',
  'SET ROLE admin',
  'GRANT ALL ON t TO x',
  'VACUUM',
  '',
]

const stopsOutsideOfPostgres = [
  '/*! DROP TABLE users */',
  'SELECT 1 /*!; DROP TABLE users */',
  "SELECT 'a\\'; DROP TABLE users; -- '",
  'SELECT 1 # comment',
  'SELECT 1--1',
  'SELECT /* a /* b */ c */ 1',
  "SELECT load_file('/etc/passwd')",
  "SELECT 1 INTO OUTFILE '/tmp/x'",
  'PRAGMA writable_schema=1',
  "ATTACH DATABASE 'x' AS y",
  "EXEC xp_cmdshell 'dir'",
  'SHUTDOWN',
]

test.each(reads)('%s passes', (sql) => {
  expect(inspectSql(sql).findings).toEqual([])
})

test.each([...stops, ...stopsOutsideOfPostgres])('%s does not pass', (sql) => {
  expect(inspectSql(sql).decision).not.toBe('allow')
})

test("PostgreSQL's own grammar says the same", async () => {
  const inspect = await postgresInspector()
  expect(inspect).toBeDefined()
  for (const sql of reads) expect(inspect?.(sql).findings, sql).toEqual([])
  for (const sql of stops) expect(inspect?.(sql).decision, sql).not.toBe('allow')
})

test('named rows may be written where that is allowed, and nothing else', () => {
  const decide = (sql: string) => inspectSql(sql, { scopedWrites: 'allow' }).decision
  expect(decide("UPDATE t SET a = 'x' WHERE id = 5 AND tenant = 'b'")).toBe('allow')
  expect(decide('DELETE FROM t WHERE id = $1')).toBe('allow')
  expect(decide('INSERT INTO t (a) VALUES (1)')).toBe('allow')
  expect(decide('ALTER TABLE t ADD COLUMN b int')).toBe('allow')
  expect(decide('UPDATE t SET a = 1 WHERE id = id')).toBe('ask')
  expect(decide('UPDATE t SET a = 1 WHERE 1 = 1')).toBe('ask')
  expect(decide('DELETE FROM t WHERE id = 5 OR true')).toBe('ask')
  expect(decide('DELETE FROM t WHERE id IS NOT NULL')).toBe('ask')
  expect(decide('UPDATE t SET a = evil() WHERE id = 5')).toBe('ask')
  expect(decide('ALTER TABLE t DROP COLUMN b')).toBe('ask')
})

test('functions of the application are known where they are named', () => {
  expect(inspectSql('SELECT tax_of(a) FROM t').decision).toBe('ask')
  expect(inspectSql('SELECT tax_of(a) FROM t', { pureFunctions: ['Tax_Of'] }).decision).toBe(
    'allow',
  )
})

test('a harmful statement is stopped in any case and with any blanks and comments', () => {
  const blank = fc.constantFrom(' ', '\n', '\t', '/**/', ' /* x */ ', ' -- y\n')
  const statement = fc.constantFrom(
    'DROP TABLE users',
    'DELETE FROM users',
    'SELECT * INTO a FROM b',
    'SELECT pg_sleep ( 5 )',
    'WITH d AS ( DELETE FROM a RETURNING 1 ) SELECT * FROM d',
  )
  fc.assert(
    fc.property(
      statement,
      fc.array(blank, { minLength: 4, maxLength: 4 }),
      fc.boolean(),
      (text, blanks, lower) => {
        const varied = text
          .split(' ')
          .map((word, index) => word + (blanks[index % 4] ?? ' '))
          .join('')
        expect(inspectSql(lower ? varied.toLowerCase() : varied).decision, varied).not.toBe('allow')
      },
    ),
    { numRuns: 300 },
  )
})

test('what passes here, PostgreSQL reads as one reading statement', async () => {
  const inspect = await postgresInspector()
  const piece = fc.constantFrom(
    'SELECT',
    '1',
    '*',
    'FROM',
    't',
    'WHERE',
    'a',
    '=',
    "'x'",
    "'",
    '"',
    '--',
    '\n',
    '/*',
    '*/',
    ';',
    '(',
    ')',
    'DELETE',
    'DROP',
    'TABLE',
    '$$',
    '$a$',
    ',',
    'INTO',
    'AS',
    'WITH',
  )
  fc.assert(
    fc.property(fc.array(piece, { minLength: 2, maxLength: 9 }), (pieces) => {
      const sql = `SELECT ${pieces.join(' ')}`
      if (inspectSql(sql).decision !== 'allow') return
      const answer = inspect?.(sql)
      // What PostgreSQL cannot read it does not run either.
      expect(
        answer?.findings.filter(({ rule }) => rule !== 'sql.parse'),
        sql,
      ).toEqual([])
    }),
    { numRuns: 2000 },
  )
})
