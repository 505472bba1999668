import { randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verifyLog } from '@holdfast/audit'
import type { AuditReport } from '@holdfast/audit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { randomOf } from './random.ts'
import { tamperings } from './tamperings.ts'
import { writeLog } from './write-log.ts'

const key = randomBytes(32).toString('base64')
const logs = 20
const seeds = 1_000

interface WrittenLog {
  readonly folder: string
  readonly anchor: string
  readonly key: string | undefined
}

let root: string
const written: WrittenLog[] = []

/** Half of them signed, all of them anchored; of one to three processes, in one or several parts. */
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-audit-'))
  for (let index = 0; index < logs; index++) {
    const random = randomOf(index)
    const log = {
      folder: join(root, `log-${index}`),
      anchor: join(root, `heads-${index}`),
      key: index % 2 === 0 ? key : undefined,
    }
    for (let process = 0; process <= index % 3; process++) {
      const more = index % 4 < 2 ? {} : { maxFileBytes: 4_000 }
      await writeLog({ ...log, rows: 5 + random(30), ...more }, random)
    }
    written.push(log)
  }
})

afterAll(() => rmSync(root, { recursive: true }))

function look(folder: string, log: WrittenLog): AuditReport {
  return verifyLog({
    folders: [folder],
    keys: log.key === undefined ? [] : [log.key],
    anchors: [{ name: 'heads', text: readFileSync(log.anchor, 'utf8') }],
  })
}

test('nothing is found in a log that nobody has touched', () => {
  for (const log of written) {
    const report = look(log.folder, log)
    expect(report.findings).toEqual([])
    expect(report.openSegments).toBe(0)
    expect(report.signedRows).toBe(log.key === undefined ? 0 : report.rows)
    expect(report.heads).toBeGreaterThan(1)
  }
})

test(`each of ${seeds} tamperings is found`, () => {
  const names = Object.keys(tamperings)
  const missed: string[] = []
  for (let seed = 0; seed < seeds; seed++) {
    const random = randomOf(seed)
    const log = written[random(written.length)] as WrittenLog
    const name = names[seed % names.length] ?? ''
    const folder = join(root, 'touched')
    cpSync(log.folder, folder, { recursive: true })
    const what = tamperings[name]?.({ folder, isSigned: log.key !== undefined }, random)
    const { findings } = look(folder, log)
    if (findings.length === 0) missed.push(`seed ${seed}: ${name}: ${what}`)
    rmSync(folder, { recursive: true })
  }
  expect(missed).toEqual([])
}, 60_000)
