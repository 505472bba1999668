import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { sqliteApprovalStore } from '@holdfast/store-sqlite'
import type { ApprovalSettings } from 'holdfast'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder: string
let store: string
const children: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-approvals-'))
  store = join(folder, 'journal.db')
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const node = ['--conditions=@holdfast/source', '--no-warnings']

/** An agent's process, and what it says. */
function start(approvals: ApprovalSettings = {}) {
  const told = { store, effects: join(folder, 'effects'), approvals }
  const agent = join(import.meta.dirname, 'fixtures/approving-agent.ts')
  const child = spawn(process.execPath, [...node, agent, JSON.stringify(told)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const lines: [string, unknown][] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(JSON.parse(line) as [string, unknown]))
  const over = new Promise<void>((resolve) => reader.once('close', resolve))
  const all = (what: string): unknown[] =>
    lines.filter(([name]) => name === what).map(([, more]) => more)
  const asked = async (count: number): Promise<string> => {
    while (all('asked').length < count) {
      if (child.exitCode !== null) throw new Error(`the agent has ended: ${JSON.stringify(lines)}`)
      await setTimeout(10)
    }
    return String(all('asked')[count - 1])
  }
  const end = async () => {
    await over
    return { asked: all('asked').length, answer: all('answer')[0], failed: all('failed')[0] }
  }
  return { child, asked, end }
}

/** Another process, on the command line. */
function command(...args: string[]): string {
  const main = join(import.meta.dirname, '../../packages/holdfast/src/cli/main.ts')
  const argv = [...node, main, 'approvals', ...args, '--store', store]
  const { stdout, stderr, status } = spawnSync(process.execPath, argv, { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return stdout
}

async function states(): Promise<readonly string[]> {
  const opened = sqliteApprovalStore({ path: store })
  const records = await opened.list()
  await opened.close()
  return records.map(({ state }) => state)
}

function effects(): readonly string[] {
  const path = join(folder, 'effects')
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
}

test('one process waits while another one decides', async () => {
  const agent = start()
  const first = await agent.asked(1)
  expect(command()).toMatch(new RegExp(`\n${first} +pay +payment +test\\.pay +job +pending`))
  expect(effects()).toEqual([])
  command('approve', first, '--by', 'ada')
  const second = await agent.asked(2)
  command('edit', second, '{"amount":3}')
  const { answer } = await agent.end()
  expect(answer).toEqual(['paid 7', 'paid 3'])
  expect(effects()).toEqual(['paid 7', 'paid 3'])
  expect(await states()).toEqual(['used', 'used'])
}, 60_000)

test('killed while it waits and decided meanwhile, it goes on without asking again, once', async () => {
  const killed = start()
  const first = await killed.asked(1)
  killed.child.kill('SIGKILL')
  await killed.end()
  command('approve', first, '--for', 'run')

  const again = await start().end()
  expect(again).toEqual({ asked: 0, answer: ['paid 7', 'paid 8'], failed: undefined })
  expect(effects()).toEqual(['paid 7', 'paid 8'])
  expect(await states()).toEqual(['used', 'used'])
  // It is over: all of it is in the journal.
  expect(await start().end()).toEqual(again)
  expect(effects()).toEqual(['paid 7', 'paid 8'])
  expect(await states()).toEqual(['used', 'used'])
}, 60_000)

test('a process that does not wait ends, and the next one finds its answer', async () => {
  const first = start({ wait: 'pause' })
  const id = await first.asked(1)
  expect(await first.end()).toMatchObject({ failed: 'APPROVAL_PENDING' })
  expect(await states()).toEqual(['pending'])
  command('deny', id, 'Not today.', '--for', 'run')
  const { asked, answer } = await start({ wait: 'pause' }).end()
  expect(asked).toBe(0)
  const refused: unknown = expect.stringMatching(
    /^Tool call refused: pay was not run.*Not today\./s,
  )
  expect(answer).toEqual([refused, refused])
  expect(effects()).toEqual([])
}, 60_000)
