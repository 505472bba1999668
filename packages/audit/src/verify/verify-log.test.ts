import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AuditHead } from '../anchor/head.ts'
import type { AuditEntry } from '../entry.ts'
import { auditLog } from '../log/audit-log.ts'
import type { AuditLogOptions } from '../log/audit-log.ts'
import { verifyLog } from './verify-log.ts'

const key = 'ab'.repeat(32)
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-audit-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const entry: AuditEntry = {
  kind: 'tool-started',
  call: 'c',
  name: 'look',
  framework: 'holdfast',
  argumentsHash: 'ab',
}

async function write(options: Partial<AuditLogOptions> = {}): Promise<string> {
  const before = new Set(readdirSync(folder))
  const log = auditLog({ folder, ...options })
  for (let count = 0; count < 5; count++) log.append(entry)
  await log.close()
  const [name = ''] = readdirSync(folder).filter((one) => !before.has(one))
  return join(folder, name)
}

test('what was changed is said with its file and line', async () => {
  const file = await write()
  const lines = readFileSync(file, 'utf8').replace('"seq":3,', '"seq":7,')
  writeFileSync(file, lines)
  const { findings, notes } = verifyLog({ folders: [folder] })
  expect(findings[0]).toMatchObject({ what: 'row-changed', file, line: 4 })
  expect(notes).toEqual([
    'rows are not signed: whoever can write the files can write them anew',
    'there is no anchor: a tail that was cut is not found',
  ])
})

test('a segment that is gone is missed by the one that began after it, also without an anchor', async () => {
  const first = await write()
  await write()
  rmSync(first)
  const { findings } = verifyLog({ folders: [folder] })
  expect(findings).toMatchObject([
    { what: 'segment-missing', text: /is gone: segment .* has 7 rows/ },
  ])
})

test('another key has signed nothing here; of several keys the right one counts', async () => {
  await write({ key })
  const other = 'cd'.repeat(32)
  expect(verifyLog({ folders: [folder], keys: [other] }).findings).toMatchObject([
    { what: 'row-forged', line: 1 },
  ])
  expect(verifyLog({ folders: [folder], keys: [other, key] })).toMatchObject({
    findings: [],
    signedRows: 7,
  })
  expect(verifyLog({ folders: [folder] }).notes).toContain(
    'rows are signed, but there is no key to check them with',
  )
})

test('files that were moved to another folder are looked at there', async () => {
  const old = mkdtempSync(join(tmpdir(), 'holdfast-audit-'))
  const first = await write()
  await write()
  writeFileSync(join(old, first.slice(folder.length + 1)), readFileSync(first))
  rmSync(first)
  expect(verifyLog({ folders: [old, folder] }).findings).toEqual([])
  rmSync(old, { recursive: true })
})

test('heads go to a function or a web address: at the beginning, after some rows, and at the end', async () => {
  const byFunction: AuditHead[] = []
  await write({ anchor: { to: (head) => void byFunction.push(head), everyRows: 3 } })
  expect(byFunction.map(({ rows }) => rows)).toEqual([1, 4, 7])

  const posted: AuditHead[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      posted.push(JSON.parse(body) as AuditHead)
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const file = await write({ key, anchor: `http://127.0.0.1:${port}/heads` })
  server.close()
  expect(posted.at(-1)).toMatchObject({ rows: 7, mac: /^[\da-f]{64}$/ })

  truncateSync(file, readFileSync(file, 'utf8').trimEnd().lastIndexOf('\n') + 1)
  const anchors = [{ name: 'heads', text: posted.map((head) => JSON.stringify(head)).join('\n') }]
  expect(verifyLog({ folders: [folder], anchors }).findings).toMatchObject([{ what: 'tail-cut' }])
})

test('an anchor that fails is told, and tried again at the end', async () => {
  const alarms: unknown[] = []
  let isDown = true
  const heads: AuditHead[] = []
  const anchor = (head: AuditHead): void => {
    if (isDown) throw new Error('the anchor is down')
    heads.push(head)
  }
  const log = auditLog({ folder, anchor, alarm: (error) => alarms.push(error) })
  log.append(entry)
  isDown = false
  await log.close()
  expect(alarms).toMatchObject([{ message: 'the anchor is down' }])
  expect(heads.at(-1)?.rows).toBe(3)
})

test('a head that somebody else has written is found', async () => {
  const heads: AuditHead[] = []
  await write({ key, anchor: (head) => void heads.push(head) })
  const forged = heads.map((head) => JSON.stringify({ ...head, rows: 1 })).join('\n')
  const { findings } = verifyLog({
    folders: [folder],
    keys: [key],
    anchors: [{ name: 'heads', text: `${forged}\nnonsense\n` }],
  })
  const torn = { name: 'heads', text: `${JSON.stringify(heads[0])}\n\n{"segment":"2026` }
  expect(verifyLog({ folders: [folder], keys: [key], anchors: [torn] })).toMatchObject({
    findings: [],
    heads: 1,
    notes: ['heads: a process was killed while it wrote a head'],
  })
  expect(findings.map(({ what }) => what)).toContain('head-forged')
})
