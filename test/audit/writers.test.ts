import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { verifyLog } from '@holdfast/audit'
import type { AuditReport } from '@holdfast/audit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { randomOf } from './random.ts'
import { writeLog } from './write-log.ts'

const key = randomBytes(32).toString('hex')
let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-audit-'))
})
afterAll(() => rmSync(root, { recursive: true }))

interface Writer {
  readonly folder: string
  readonly anchor: string
  readonly seed: number
  readonly rows: number | 'endless'
}

/** A process that writes; resolves once it has begun. */
async function startWriter({ folder, anchor, seed, rows }: Writer) {
  const file = join(import.meta.dirname, 'fixtures', 'writer.ts')
  const child = spawn(
    process.execPath,
    ['--conditions=@holdfast/source', file, folder, anchor, String(seed), String(rows)],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, HOLDFAST_AUDIT_KEY: key } },
  )
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  return { child, ended }
}

function look(folder: string, anchor: string): AuditReport {
  // Read in this order: what is written meanwhile is more than was anchored.
  const text = readFileSync(anchor, 'utf8')
  return verifyLog({ folders: [folder], keys: [key], anchors: [{ name: 'heads', text }] })
}

test('eight processes write into one folder, half of them are killed: nothing is wrong, nothing is lost', async () => {
  const [folder, anchor] = [join(root, 'eight'), join(root, 'eight.heads')]
  const writers = await Promise.all(
    Array.from({ length: 8 }, (_, seed) =>
      startWriter({ folder, anchor, seed, rows: seed < 4 ? 2_000 : 'endless' }),
    ),
  )
  const looks: AuditReport[] = []
  for (const { child } of writers.slice(4)) {
    looks.push(look(folder, anchor))
    await wait(20)
    child.kill('SIGKILL')
  }
  await Promise.all(writers.map(({ ended }) => ended))
  const report = look(folder, anchor)
  expect([...looks, report].flatMap(({ findings }) => findings)).toEqual([])
  expect(report).toMatchObject({ segments: 8, openSegments: 4 })
  // 2,000 rows, the first and the last one.
  expect(report.rows).toBeGreaterThan(4 * 2_002)
  expect(report.signedRows).toBe(report.rows)
}, 60_000)

test('200 logs that nobody has touched, of ended and of killed processes, raise no alarm', async () => {
  const logs = 200
  const alarms: string[] = []
  for (let index = 0; index < logs; index++) {
    const random = randomOf(index)
    const [folder, anchor] = [join(root, `log-${index}`), join(root, `heads-${index}`)]
    if (index % 10 === 0) {
      const { child, ended } = await startWriter({ folder, anchor, seed: index, rows: 'endless' })
      await wait(random(15))
      child.kill('SIGKILL')
      await ended
    }
    // The next process of the same log goes on from what the killed one has left.
    const maxFileBytes = 1_000 + random(20_000)
    await writeLog({ folder, anchor, key, rows: random(80), maxFileBytes }, random)
    const { findings } = look(folder, anchor)
    for (const { text } of findings) alarms.push(`log ${index}: ${text}`)
  }
  expect(alarms).toEqual([])
}, 60_000)
