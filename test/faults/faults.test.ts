import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { answerText } from './cell-lab.ts'
import { cells } from './cell.ts'
import type { Cell } from './cell.ts'
import type { CellResult, SentBody } from './cell-result.ts'
import { readCommandLine } from './command-line.ts'
import { judge } from './judge.ts'
import { judgeHalves } from './judge-halves.ts'
import { faultsPage, pageFile } from './page.ts'
import { tables } from './print.ts'
import { sequenceOf } from './random/sequence.ts'
import { runHalf } from './run-half.ts'
import { holds, lastLine } from './summary.ts'

test('a sample of the fault matrix is as the table says', { timeout: 120_000 }, async () => {
  const sample = someOf(cells(), 48, 20_261_121)

  const [bare, withHoldfast] = await Promise.all([
    runHalf('bare', sample, { atOnce: 32 }),
    runHalf('with', sample, { atOnce: 32 }),
  ])

  const judged = judgeHalves(sample, bare, withHoldfast)
  const wrong = judged.flatMap(({ cell, with: findings = [] }) =>
    findings.map(({ problem, details }) => `${cell.id}: ${problem}: ${details}`),
  )
  expect(wrong).toEqual([])
  expect([...withHoldfast.strayRejections.keys()]).toEqual([])
  expect(withHoldfast.bugs).toEqual([])
  expect(holds(judged, withHoldfast)).toBe(true)
  // Bare clients do fall for it: a lab whose faults do not bite would prove nothing.
  expect(judged.filter(({ bare: findings }) => findings?.length !== 0).length).toBeGreaterThan(10)
})

test(
  'calls in which several faults follow each other end as they must',
  { timeout: 120_000 },
  () => {
    const program = fileURLToPath(new URL('main.ts', import.meta.url))
    const args = ['--conditions=@holdfast/source', program, '--random', '60', '--at-once', '30']

    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })

    expect(stdout).toMatch(
      /random faults: 60 of 60 sequences end as they must \(seeds 1 to 60\); 0 hangs/,
    )
    expect(status).toBe(0)
  },
)

test('a sequence is the same for the same seed, and seeds differ', () => {
  const seeds = Array.from({ length: 400 }, (_, index) => index + 1)
  const all = seeds.map((seed) => JSON.stringify({ ...sequenceOf(seed), seed: 0 }))

  expect(seeds.map((seed) => JSON.stringify({ ...sequenceOf(seed), seed: 0 }))).toEqual(all)
  expect(new Set(all).size).toBeGreaterThan(390)
  const struck = seeds.flatMap((seed) => sequenceOf(seed).faults.map((fault) => fault?.name))
  expect(new Set(struck).size).toBeGreaterThan(100)
})

test('docs/faults.md says what the table says', () => {
  const page = readFileSync(pageFile, 'utf8')

  expect(page, 'write it anew with pnpm faults --write-page').toBe(faultsPage())
})

test('the matrix has every fault on each wire, through at least three clients', () => {
  const all = cells()

  expect(new Set(all.map(({ fault }) => fault)).size).toBeGreaterThanOrEqual(120)
  for (const wire of ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini']) {
    const clients = new Set(all.filter((cell) => cell.wire === wire).map(({ client }) => client))
    expect([...clients]).toHaveLength(4)
  }
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
})

const good: CellResult = {
  id: '',
  ended: 'answered',
  durationMs: 100,
  stoodStillMs: 0,
  text: answerText,
  toolCalls: [],
  finish: 'stop',
  error: undefined,
  requests: [],
  attempts: undefined,
  body: undefined,
  sent: undefined,
}

function request(atMs: number, endedAtMs: number, status = 429): CellResult['requests'][number] {
  return { atMs, endedAtMs, status, faulty: status !== 200, outcome: 'answered' }
}

function problems(cell: Partial<Cell>, result: Partial<CellResult>, bare?: CellResult): string[] {
  const whole: Cell = {
    id: 'a cell',
    wire: 'openai-chat',
    client: 'openai',
    stream: false,
    fault: 'rate-limited',
    plan: 'once',
    ...cell,
  }
  const limits = { maxAttempts: 3, totalMs: 10_000 }
  return judge(whole, { ...good, ...result }, answerText, limits, bare).map(
    ({ problem }) => problem,
  )
}

function failedWith(...classes: string[]): CellResult {
  const chain = classes.slice(0, 1).map((name) => ({ name, code: undefined, message: 'no' }))
  const error = { classes, instanceOf: classes, status: 429, message: 'no', chain }
  return { ...good, ended: 'failed', error }
}

test('an answer after one polite retry is as the table says', () => {
  const requests = [request(0, 10), request(1010, 1020, 200)]

  expect(problems({}, { requests })).toEqual([])
})

test('a retry before Retry-After is found', () => {
  const requests = [request(0, 10), request(1009.5, 1020, 200)]

  expect(problems({}, { requests })).toEqual(['too-early'])
})

test('a short answer without an error is found', () => {
  const requests = [request(0, 10, 200)]
  const text = answerText.slice(0, -1)

  expect(problems({ fault: 'end-without-terminal', plan: 'always' }, { requests, text })).toEqual([
    'silent',
  ])
})

test('a stream that ends without its terminal event is no success, even with all of its text', () => {
  const requests = [request(0, 10, 200)]

  expect(problems({ fault: 'end-after-content', plan: 'always' }, { requests })).toEqual(['silent'])
})

test('a call that waits for one request is told from one that tries for ever', () => {
  const pending = { ended: 'pending', durationMs: 11_000 } as const
  const waiting = { ...request(0, 0), endedAtMs: undefined, outcome: 'pending' } as const

  expect(problems({}, { ...pending, requests: [waiting] })).toEqual(['hang'])
  expect(problems({}, { ...pending, requests: [request(0, 10)] })).toEqual(['endless'])
})

test('a fourth request is found', () => {
  const requests = [0, 2000, 4000, 6000].map((atMs) => request(atMs, atMs + 10))

  expect(problems({ plan: 'always' }, { ...failedWith('RateLimitError'), requests })).toEqual([
    'over-limit',
  ])
})

test('another error class than the client has alone is found', () => {
  const requests = [0, 2000, 4000].map((atMs) => request(atMs, atMs + 10))
  const failed = { ...failedWith('APIError'), requests }

  expect(problems({ plan: 'always' }, failed, failedWith('RateLimitError'))).toEqual([
    'error-class',
  ])
})

test('an abort that nobody asked for is found', () => {
  const requests = [request(0, 10, 200)]
  const failed = { ...failedWith('AbortError'), requests }

  expect(problems({ fault: 'stall-mid-stream', plan: 'always' }, failed)).toEqual(['abort'])
})

test('other bytes than the provider sent are found', () => {
  const bytes = (text: string): string => Buffer.from(text).toString('base64')
  const sent = (text: string): SentBody => ({ base64: bytes(text), whole: true })
  const requests = [request(0, 10), request(1010, 1020, 200)]
  const bare = { ...good, sent: [sent('error'), sent('an answer')] }

  expect(problems({}, { requests, body: bytes('an ans') }, bare)).toEqual([])
  expect(problems({}, { requests, body: bytes('an awe') }, bare)).toEqual(['bytes'])
})

test('the summary counts cells, not findings', () => {
  const [cell] = cells()
  if (cell === undefined) throw new Error('the matrix is empty')
  const findings = [
    { problem: 'silent', details: 'short' },
    { problem: 'requests', details: '1' },
  ] as const
  const judged = [
    { cell, bare: findings, with: [] },
    { cell, bare: [], with: [] },
  ]

  expect(lastLine(judged)).toMatch(
    /^faults: 2 of 2 cells as the table says; 0 silent .* \(bare clients: 1 of 2 cells .* 1 silent/,
  )
  expect(tables(judged)).toContain('S→✓')
})

test('an unknown part of the matrix is named, with what is known', () => {
  expect(() => readCommandLine(['--only', 'wire=telex'])).toThrow(
    '--only wire=telex: wire is one of openai-chat, openai-responses, anthropic-messages, gemini',
  )
  expect(() => readCommandLine(['--at-once', 'many'])).toThrow('--at-once takes a whole number')
})

/** Some of a list, always the same for the same seed. */
function someOf<Item>(items: readonly Item[], count: number, seed: number): Item[] {
  const left = [...items]
  let state = seed
  return Array.from({ length: Math.min(count, left.length) }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const [item] = left.splice(state % left.length, 1)
    return item as Item
  })
}
