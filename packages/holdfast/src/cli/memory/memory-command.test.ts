import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory } from '@holdfast/policies/memory'
import { sqliteMemoryStore } from '@holdfast/store-sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCommand } from '../run-command.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-cli-'))
  path = join(folder, 'memory.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function fill(): Promise<void> {
  const desk = memory({
    store: sqliteMemoryStore({ path }),
    namespaces: { team: { write: ['helper'] } },
    now: () => 1_795_276_227_000,
  })
  await desk.remember({ user: 'ada', text: 'I live in Berlin' })
  await desk.remember({ user: 'ada', text: 'I moved to Rome\u001b[2J', agent: 'helper' })
  await desk.remember({ user: 'ada', tenant: 't', text: 'I prefer tea' })
  await desk.remember({
    user: 'ada',
    agent: 'helper',
    namespace: 'team',
    text: 'Refunds need a second person',
  })
  await desk.close()
}

async function said(...args: string[]) {
  let stdout = ''
  let stderr = ''
  const code = await runCommand(['memory', ...args, '--store', path], {
    stdout: { write: (text: string) => (stdout += text) } as never,
    stderr: { write: (text: string) => (stderr += text) } as never,
  })
  return { code, stdout, stderr }
}

test('memories are listed and shown, with nothing hidden in them', async () => {
  expect(await said()).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is no store') as string,
  })
  await fill()
  const { stdout } = await said()
  expect(stdout).toMatch(/^id +kind +whose +version +since +text\n/)
  expect(stdout).toMatch(/fact +namespace team +1 +2026-11-21 15:50:27 UTC +Refunds need/)
  expect(stdout).toMatch(/preference +user ada, tenant t +1 .*I prefer tea/)
  expect(stdout).not.toContain('\u001b')
  expect((await said('ls', '--namespace', 'team')).stdout.trim().split('\n')).toHaveLength(2)
  expect((await said('ls', '--user', 'bob')).stdout).toBe('no memories\n')
  const id = /^(\w+) .*Rome/m.exec(stdout)?.[1] ?? ''
  const { stdout: shown } = await said('show', id)
  expect(shown).toContain(`Memory ${id}: fact`)
  expect(shown).toMatch(/topic +home\n/)
  expect(shown).toMatch(/written by +application, agent helper, of ada\n/)
  const { stdout: history } = await said('history', id)
  expect(history).toMatch(/\n1 +2026.* I live in Berlin\n2 +2026.* now .*I moved to Rome/)
})

test('a search finds what a recall finds, and only of whom it is asked', async () => {
  await fill()
  expect(await said('search', 'tea')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--user or --namespace') as string,
  })
  expect((await said('search', 'where', 'living', '--user', 'ada')).stdout).toMatch(
    /^id +score +relevance .*\n\w+ +\d\.\d\d .*I moved to Rome/,
  )
  expect((await said('search', 'tea', '--user', 'ada')).stdout).toBe('nothing fits\n')
  expect((await said('search', 'tea', '--user', 'ada', '--tenant', 't')).stdout).toContain('tea')
  expect((await said('search', 'refunds', '--namespace', 'team')).stdout).toContain('Refunds')
  expect((await said('search', 'x', '--user', 'ada', '--as-of', 'then')).stderr).toContain(
    '--as-of',
  )
})

test('a user’s memories are exported and erased, and nobody else’s', async () => {
  await fill()
  const exported = JSON.parse((await said('export', '--user', 'ada')).stdout) as {
    memories: { text: string }[]
  }
  expect(exported.memories.map(({ text }) => text)).toEqual([
    'I live in Berlin',
    'I moved to Rome\u001b[2J',
    'Refunds need a second person',
  ])
  expect((await said('erase')).stderr).toContain('--user is missing')
  expect((await said('erase', '--user', 'ada')).stdout).toBe(
    '2 memories of ada erased\na user of that name has memories of t, which stay\n',
  )
  expect(readFileSync(path, 'latin1')).not.toContain('Rome')
  const { stdout } = await said('ls')
  const id = /^(\w+) .*tea/m.exec(stdout)?.[1] ?? ''
  expect((await said('forget', id)).stdout).toBe('1 memory forgotten\n')
  expect(await said('forget', id)).toMatchObject({ code: 1 })
  expect((await said('ls')).stdout).toBe('no memories\n')
})

test('what cannot be understood is said, with what can', async () => {
  await fill()
  expect((await said('--help')).stdout).toContain('holdfast memory erase --user u')
  expect((await said('lst')).stderr).toContain('commands: ls, show, history')
  expect((await said('ls', '--tier', 'short')).stderr).toContain('session, working, long-term')
  expect((await said('show', 'nothing')).stderr).toContain('there is no memory nothing')
})
