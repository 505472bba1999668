import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { conversation, startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import { sqliteJournal } from '@holdfast/store-sqlite'
import type { JournalSettings, RunOptions } from 'holdfast'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder: string
let lab: Lab
const children: ChildProcess[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-processes-'))
  lab = await startLab({ script: () => ({ text: 'Well.' }) })
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await lab.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Wanted {
  readonly options?: RunOptions
  /** Nobody says what is a run. */
  readonly outside?: boolean
  readonly journal?: JournalSettings
  readonly prompt?: string
  readonly usual?: RunOptions
  readonly stopAt?: number
}

/** An agent's process, and what it says. */
function start({
  options = { id: 'job' },
  outside = false,
  journal,
  prompt = 'Begin.',
  usual,
  stopAt,
}: Wanted = {}) {
  const told = {
    baseURL: lab.baseUrls.openai,
    effects: join(folder, 'effects'),
    options: outside ? undefined : options,
    journal: { store: join(folder, 'journal.db'), ...journal },
    prompt,
    usual,
    stopAt,
  }
  const worker = join(import.meta.dirname, 'fixtures/worker.ts')
  const child = spawn(
    process.execPath,
    ['--conditions=@holdfast/source', '--no-warnings', worker, JSON.stringify(told)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  children.push(child)
  const lines: [string, unknown][] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(JSON.parse(line) as [string, unknown]))
  const over = new Promise<void>((resolve) => reader.once('close', resolve))
  const said = async (what: string): Promise<unknown> => {
    for (;;) {
      const line = lines.find(([name]) => name === what)
      if (line !== undefined) return line[1]
      await setTimeout(10)
    }
  }
  return {
    child,
    said,
    async end() {
      await over
      return {
        lines,
        answer: lines.find(([what]) => what === 'answer')?.[1],
        failed: lines.find(([what]) => what === 'failed')?.[1],
        replayed: lines.filter(([, type]) => type === 'journal-answered').length,
      }
    },
  }
}

async function killed(wanted: Wanted): Promise<void> {
  const first = start({ ...wanted, stopAt: 2 })
  await first.said('waits')
  first.child.kill('SIGKILL')
  await first.end()
}

function effects(): string[] {
  return readFileSync(join(folder, 'effects'), 'utf8').trim().split('\n')
}

test('a killed run goes on in another process, at once', async () => {
  await killed({})
  const second = await start().end()
  expect(second).toMatchObject({ answer: '7 messages', replayed: 4 })
  expect(effects()).toEqual(['0', '1', '2'])
  expect(lab.requests).toHaveLength(3)
})

test.for<[string, RunOptions]>([
  ['a session', { session: 'ada-1', agent: 'noter' }],
  ['nothing but its first request', {}],
])('a killed run is found again by %s', async ([, options]) => {
  await killed({ options })
  const second = await start({ options }).end()
  expect(second).toMatchObject({ answer: '7 messages', replayed: 4 })
  expect(effects()).toEqual(['0', '1', '2'])
  // It is over now: the same question is a new run.
  const third = await start({ options }).end()
  expect(third).toMatchObject({ answer: '7 messages', replayed: 0 })
  expect(lab.requests).toHaveLength(6)
})

test.for<[string, Wanted]>([
  ['another session', { options: { session: 'bob-1', agent: 'noter' } }],
  ['another first request', { prompt: 'Begin otherwise.' }],
  ['resumeWithinMs: 0', { journal: { resumeWithinMs: 0 } }],
])('%s is another run', async ([, other]) => {
  const usual = { options: { session: 'ada-1', agent: 'noter' } }
  await killed(usual)
  const second = await start({ ...usual, ...other }).end()
  expect(second).toMatchObject({ answer: '7 messages', replayed: 0 })
})

test('calls that nobody made a run of are one all the same, and gone on with', async () => {
  const calls = [0, 1, 2].map((step) => ({ name: 'note', arguments: { step } }))
  lab.reset(conversation({ calls, answer: 'Well.' }))
  await killed({ outside: true })
  const second = await start({ outside: true }).end()
  expect(second).toMatchObject({ answer: '7 messages', replayed: 4 })
  expect(effects()).toEqual(['0', '1', '2'])
  expect(lab.requests).toHaveLength(3)
})

test('a run that nobody ends is over when its process ends well', async () => {
  const usual = { session: 'ada-1' }
  const first = await start({ outside: true, usual }).end()
  const second = await start({ outside: true, usual }).end()
  expect(first).toMatchObject({ answer: '7 messages', replayed: 0 })
  expect(second).toMatchObject({ answer: '7 messages', replayed: 0 })
  await killed({ outside: true, usual })
  const third = await start({ outside: true, usual }).end()
  expect(third).toMatchObject({ answer: '7 messages', replayed: 4 })
})

test('a run whose process is asked to end in the middle of it is gone on with', async () => {
  const options = { session: 'ada-1', agent: 'noter' }
  const first = start({ options, stopAt: 2 })
  await first.said('waits')
  const exit = once(first.child, 'exit')
  first.child.kill('SIGTERM')
  await expect(exit).resolves.toEqual([0, null])
  const second = await start({ options }).end()
  expect(second).toMatchObject({ answer: '7 messages', replayed: 4 })
})

test('two processes cannot advance one run', async () => {
  const first = start({ stopAt: 1 })
  await first.said('waits')
  const second = await start().end()
  expect(second.failed).toBe('RUN_HELD')
  expect(effects()).toEqual(['0'])
})

test('an owner who was stopped and replaced can do nothing when it wakes up', async () => {
  const journal = { leaseMs: 600 }
  const first = start({ journal, stopAt: 1 })
  await first.said('waits')
  first.child.kill('SIGSTOP')
  await setTimeout(800)
  const second = await start({ journal }).end()
  expect(second).toMatchObject({ answer: '7 messages', replayed: 2 })
  first.child.kill('SIGCONT')
  const store = sqliteJournal({ path: join(folder, 'journal.db') })
  const before = await store.read('job')
  writeFileSync(join(folder, 'effects.go'), '')
  await expect(first.end()).resolves.toMatchObject({ failed: 'RUN_TAKEN_OVER' })
  await expect(store.read('job')).resolves.toEqual(before)
  await expect(store.find('job')).resolves.toMatchObject({ state: 'completed', fence: 2 })
  await store.close()
  expect(effects()).toEqual(['0', '1', '2'])
})

test.for<['fork' | 'warn' | 'strict', unknown]>([
  ['fork', '7 messages'],
  ['warn', '7 messages'],
  ['strict', undefined],
])('another prompt in the same run, divergence %s', async ([divergence, answer]) => {
  const journal = { divergence }
  await killed({ journal })
  const second = await start({ journal, prompt: 'Begin otherwise.' }).end()
  expect(second.answer).toEqual(answer)
  const diverged = second.lines.filter(([, type]) => type === 'run-diverged')
  if (divergence === 'strict') {
    expect(second.failed).toBe('RUN_DIVERGED')
    expect(lab.requests).toHaveLength(2)
  } else {
    expect(diverged).toHaveLength(1)
    // No reply of the other prompt is served; the effects that are the same are not repeated.
    expect(lab.requests).toHaveLength(5)
    expect(effects()).toEqual(['0', '1', '2'])
  }
})

test('a run that goes on as before does not diverge, however strict', async () => {
  const journal = { divergence: 'strict' as const }
  await killed({ journal })
  const second = await start({ journal }).end()
  expect(second).toMatchObject({ answer: '7 messages', replayed: 4 })
})

test('what a masker takes out does not count', async () => {
  const journal = { maskers: ['times' as const], divergence: 'strict' as const }
  await killed({ journal, prompt: 'It is 2026-11-21T08:00:00Z. Begin.' })
  const second = await start({ journal, prompt: 'It is 2026-11-21T09:30:00Z. Begin.' }).end()
  expect(second).toMatchObject({ answer: '7 messages', replayed: 4 })
})

test('holdfast replay gives an agent the answers of a run, without a request and without a tool', async () => {
  const first = await start().end()
  await lab.close()
  const main = join(import.meta.dirname, '../../packages/holdfast/src/cli/main.ts')
  const node = [process.execPath, '--conditions=@holdfast/source', '--no-warnings']
  const told = {
    baseURL: lab.baseUrls.openai,
    effects: join(folder, 'effects'),
    options: { id: 'another name' },
    journal: { store: join(folder, 'journal.db') },
    prompt: 'Begin.',
  }
  const worker = join(import.meta.dirname, 'fixtures/worker.ts')
  const program = [...node, worker, JSON.stringify(told)]
  const command = ['replay', 'job', '--store', told.journal.store, '--', ...program]
  const { stdout, status } = spawnSync(node[0] ?? '', [...node.slice(1), main, ...command], {
    encoding: 'utf8',
  })
  expect(status).toBe(0)
  expect(stdout.match(/journal-answered/g)).toHaveLength(6)
  expect(stdout).toContain(JSON.stringify(['answer', first.answer]))
  expect(effects()).toEqual(['0', '1', '2'])
})
