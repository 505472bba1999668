import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AuditEntry } from '../entry.ts'
import { auditLog } from './audit-log.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-audit-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const toolRun: AuditEntry = {
  kind: 'tool-started',
  call: 'c1',
  name: 'send_email',
  framework: 'langgraph',
  argumentsHash: 'a'.repeat(64),
  agent: 'clerk',
}

test('rows are readable by their owner alone, and say who and what', async () => {
  const log = auditLog({ folder: join(folder, 'deep', 'audit') })
  log.append(toolRun)
  await log.close()

  const [name = ''] = readdirSync(join(folder, 'deep', 'audit'))
  const path = join(folder, 'deep', 'audit', name)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder, 'deep')).mode & 0o777).toBe(0o700)
  const rows = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(rows.map(({ seq, kind }) => [seq, kind])).toEqual([
    [0, 'segment-opened'],
    [1, 'tool-started'],
    [2, 'segment-closed'],
  ])
  expect(rows[1]).toMatchObject({ agent: 'clerk', name: 'send_email', previous: rows[0]?.['hash'] })
})

test('a file that has become long is followed by another one of the same chain', async () => {
  const log = auditLog({ folder, maxFileBytes: 1_000 })
  for (let count = 0; count < 10; count++) log.append(toolRun)
  await log.close()
  expect(readdirSync(folder).length).toBeGreaterThan(3)
  for (const name of readdirSync(folder)) {
    expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(1_000)
  }
})

test('a folder that others may write to, or that is a link, is refused', () => {
  chmodSync(folder, 0o777)
  expect(() => auditLog({ folder })).toThrow(expect.objectContaining({ code: 'STORE_UNUSABLE' }))
  chmodSync(folder, 0o700)
  mkdirSync(join(folder, 'real'))
  symlinkSync(join(folder, 'real'), join(folder, 'link'))
  const link = { folder: join(folder, 'link') }
  expect(() => auditLog(link)).toThrow(expect.objectContaining({ code: 'STORE_UNUSABLE' }))
})

test('a key that is none, and an anchor that others could listen to, are refused before anything is written', () => {
  const invalid = expect.objectContaining({ code: 'OPTIONS_INVALID' })
  expect(() => auditLog({ folder, key: 'short' })).toThrow(invalid)
  expect(() => auditLog({ folder, anchor: 'http://example.com/heads' })).toThrow(invalid)
  expect(readdirSync(folder)).toEqual([])
})

test('what could not be written is told, and counted with the next row', async () => {
  const audit = join(folder, 'audit')
  const log = auditLog({ folder: audit, maxFileBytes: 400 })
  rmSync(audit, { recursive: true })
  const unusable = expect.objectContaining({ code: 'AUDIT_UNUSABLE' })
  expect(() => log.append(toolRun)).toThrow(unusable)
  expect(() => log.append(toolRun)).toThrow(unusable)
  expect(existsSync(audit)).toBe(false)
  mkdirSync(audit, { mode: 0o700 })
  log.append(toolRun)
  await log.close()
  const text = readdirSync(audit)
    .toSorted()
    .map((name) => readFileSync(join(audit, name), 'utf8'))
    .join('')
  expect(text).toMatch(/"kind":"rows-lost","rows":2,.*\n.*"kind":"tool-started"/)
})
