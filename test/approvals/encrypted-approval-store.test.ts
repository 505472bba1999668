import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonicalArguments } from '@holdfast/core'
import { encryptedApprovalStore } from '@holdfast/core/approvals'
import { approvalDesk } from '@holdfast/policies/approvals'
import { sqliteApprovalStore } from '@holdfast/store-sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asking, describeApprovalStore } from './describe-approval-store.ts'

const key = 'ab'.repeat(32)
const other = 'cd'.repeat(32)
let folder: string
let files = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-approvals-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const newPath = (): string => join(folder, `${++files}.db`)

describeApprovalStore('encryptedApprovalStore on SQLite', async () => {
  const path = newPath()
  let time = 1_700_000_000_000
  return {
    open: async () =>
      encryptedApprovalStore(sqliteApprovalStore({ path, now: () => time }), { key }),
    pass: async (ms) => void (time += ms),
    end: async () => {},
  }
})

test('no argument stands in the file, and only who has the key reads one', async () => {
  const path = newPath()
  const plain = sqliteApprovalStore({ path })
  const store = encryptedApprovalStore(plain, { key })
  const { text, hash } = canonicalArguments({ note: 'canary-4711' })
  const asked = asking({ argumentsText: text, argumentsHash: hash })
  await store.ask(asked)
  const edited = canonicalArguments({ note: 'canary-4712' })
  await store.decide(asked.id, { verdict: 'approved', by: 'ada', edited })
  const pattern = { text: '{"note":"canary-4713"}', members: { note: 'canary-*' } }
  await store.remember({
    id: 's1',
    verdict: 'approved',
    tool: 'pay',
    rule: 'r',
    scope: 'always',
    by: 'ada',
    arguments: pattern,
  })
  for (const file of [path, `${path}-wal`])
    expect(readFileSync(file, 'latin1')).not.toContain('canary')

  const rotated = encryptedApprovalStore(plain, { key: other, oldKeys: [key] })
  await expect(rotated.find(asked.id)).resolves.toMatchObject({
    argumentsText: text,
    editedText: edited.text,
  })
  await expect(rotated.stickyDecisions()).resolves.toMatchObject([{ arguments: pattern }])
  const wrong = encryptedApprovalStore(plain, { key: other })
  await expect(wrong.find(asked.id)).rejects.toMatchObject({ code: 'KEY_WRONG' })
  await expect(approvalDesk(plain).list()).rejects.toMatchObject({ code: 'KEY_WRONG' })
  await store.close()
})
