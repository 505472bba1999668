import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readLog, verifyLog } from '@holdfast/audit'
import { instrument, tool } from 'holdfast'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-audit-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const who = { tenant: 'acme', user: 'u-17', agent: 'clerk' }

test('the gate asks, a person says yes, the tool runs: each is a row, in this order, about the same arguments', async () => {
  const audit = join(folder, 'audit')
  const holdfast = instrument({
    telemetry: false,
    audit: { folder: audit },
    tools: { preset: 'guarded', askAt: 'function' },
    approvals: { channels: [] },
  })
  holdfast.approvals.onRequest((request) => void request.approve({ by: 'ada' }))
  const mail = tool({ name: 'send_email' }, async (_letter: object) => 'sent')
  await holdfast.run({ id: 'job', ...who }, () => mail({ to: 'bob@example.com' }))
  await holdfast.uninstrument()

  const rows = [...readLog([audit])].filter(({ kind }) => /^(?:decision|tool)-/.test(kind))
  expect(rows).toMatchObject([
    {
      verdict: 'ask',
      policy: 'tools.gate',
      name: 'send_email',
      toolClass: 'communication',
      ...who,
    },
    { verdict: 'allow', policy: 'tools.approvals', by: 'ada', rule: 'class.communication' },
    { kind: 'tool-started', name: 'send_email', run: 'job', ...who },
    { kind: 'tool-ended', outcome: 'done' },
  ])
  const hashes = rows.flatMap((row) => ('argumentsHash' in row ? [row.argumentsHash] : []))
  expect(new Set(hashes).size).toBe(1)
  expect(JSON.stringify(rows)).not.toContain('bob@example.com')
  expect(verifyLog({ folders: [audit] }).findings).toEqual([])
})

test('what the audit log could not take down leaves nothing in doubt in the journal', async () => {
  const audit = join(folder, 'audit')
  const holdfast = instrument({
    telemetry: false,
    tools: false,
    audit: { folder: audit, maxFileBytes: 4_096 },
    journal: { store: join(folder, 'journal.db') },
  })
  let ran = 0
  const pay = tool({ name: 'pay' }, async (_given: object) => ++ran)
  const refused: unknown[] = []
  await holdfast
    .run({ id: 'job', ...who }, async () => {
      rmSync(audit, { recursive: true })
      for (let count = 0; count < 20; count++) {
        await pay({ count }).catch((error: unknown) => refused.push(error))
      }
    })
    .catch(() => {})
  const inDoubt = await holdfast.runs?.inDoubt('job')
  await holdfast.uninstrument()
  expect(refused.length).toBeGreaterThan(0)
  expect(refused[0]).toMatchObject({ code: 'AUDIT_UNUSABLE' })
  expect(ran).toBe(20 - refused.length)
  expect(inDoubt).toEqual([])
})
