import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonicalArguments } from '@holdfast/core'
import { sqliteApprovalStore } from '@holdfast/store-sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCommand } from '../run-command.ts'

let folder: string
let store: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-cli-'))
  store = join(folder, 'journal.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Puts a question into the store, as an agent does. */
async function ask(id: string, given: unknown): Promise<void> {
  const opened = sqliteApprovalStore({ path: store })
  const { text, hash } = canonicalArguments(given)
  const question = {
    runId: 'job',
    session: 's1',
    tool: 'write',
    toolClass: 'file-write',
    rule: 'class.file-write',
    reason: 'It writes\na file.',
    argumentsText: text,
    argumentsHash: hash,
  }
  await opened.ask({ id, question, lifetimeMs: 60_000, atExpiry: 'deny' })
  await opened.close()
}

async function said(...args: string[]) {
  let stdout = ''
  let stderr = ''
  const code = await runCommand(['approvals', ...args, '--store', store], {
    stdout: { write: (text: string) => (stdout += text) } as never,
    stderr: { write: (text: string) => (stderr += text) } as never,
  })
  return { code, stdout, stderr }
}

test('what waits is listed and shown, with nothing hidden in it', async () => {
  expect(await said()).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is no store') as string,
  })
  await ask('a1', { path: '/tmp/\u202etxt.exe' })
  const { stdout } = await said()
  expect(stdout).toMatch(
    /^id +tool +class +rule +run +state +by +until\na1 +write +file-write +class\.file-write +job +pending +20/,
  )
  const { stdout: shown } = await said('show', 'a1')
  expect(shown).toContain('Approval a1: write (file-write)')
  expect(shown).toContain('It writes\\u000aa file. [class.file-write]')
  expect(shown).toContain('"path": "/tmp/\\u202etxt.exe"')
  expect(shown).toMatch(/until +20.* UTC, then denied/)
})

test('the first decision counts, and says who took it', async () => {
  await ask('a1', { path: '/tmp/a' })
  expect((await said('approve', 'a1', '--by', 'ada')).stdout).toMatch(/approved +by ada, 20/)
  const second = await said('deny', 'a1', 'too', 'late')
  expect(second).toMatchObject({ code: 1 })
  expect(second.stderr).toMatch(/\[APPROVAL_DECIDED\] .* was approved before, by ada/)
  expect((await said()).stdout).toBe('nothing waits\n')
  expect((await said('ls', '--all')).stdout).toMatch(/\na1 .* approved +ada/)
})

test('arguments are edited, and shown beside those that were asked about', async () => {
  await ask('a1', { path: '/etc/passwd' })
  expect((await said('edit', 'a1', '{path')).stderr).toContain('this is no JSON')
  const { stdout } = await said('edit', 'a1', '{"path":"/tmp/a"}')
  expect(stdout).toMatch(/arguments\n[^]*\/etc\/passwd[^]*executed with\n[^]*"\/tmp\/a"/)
})

test('a decision is remembered for arguments like these, listed, and revoked', async () => {
  for (const [id, path] of [
    ['a1', '/tmp/a'],
    ['a2', '/tmp/b'],
    ['a3', '/etc/b'],
  ] as const) {
    await ask(id, { path, mode: 'w' })
  }
  expect((await said('approve', 'a1', '--like', '{}')).stderr).toContain('--like needs --for')
  expect((await said('approve', 'a1', '--for', 'ever')).stderr).toContain('one of run, session')
  await said('approve', 'a1', '--for', 'session', '--like', '{"path":"/tmp/*"}', '--by', 'ada')
  expect((await said()).stdout.match(/^a\d/gm)).toEqual(['a3'])
  expect((await said('ls', '--all')).stdout).toMatch(/\na2 .* approved +rule/)
  const { stdout } = await said('sticky')
  expect(stdout).toMatch(
    /approved +write +class\.file-write +session s1 +\{"mode":"w","path":"\/tmp\/\*"\} +ada/,
  )
  const id = /^[\da-f]{12}/m.exec(stdout)?.[0] ?? ''
  expect((await said('revoke', id)).stdout).toContain('asked about again')
  expect((await said('sticky')).stdout).toBe('no sticky decisions\n')
  expect((await said('sticky', '--all')).stdout).toContain('approved, revoked by cli:')
})

test('what cannot be understood is said, with what can', async () => {
  await ask('a1', {})
  expect(await said('--help')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('--like') as string,
  })
  expect((await said('aprove', 'a1')).stderr).toContain('commands: ls, show, approve')
  expect(await said('show')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('an id is missing') as string,
  })
  expect((await said('show', 'b1')).stderr).toContain('[APPROVAL_UNKNOWN]')
  expect((await said('ls', '--limit', 'x')).stderr).toContain('whole number')
})
