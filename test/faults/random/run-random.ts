import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { instrument } from 'holdfast'
import { standstill } from '../standstill.ts'
import type { Standstill } from '../standstill.ts'
import { runSequence } from './run-sequence.ts'
import type { SequenceResult, Wrong } from './run-sequence.ts'
import { sequenceOf } from './sequence.ts'

/** Which sequences to run. */
export interface RandomOrder {
  readonly firstSeed: number
  readonly count: number
  readonly atOnce: number
  readonly onResult?: () => void
}

/** What the sequences came to. */
export interface RandomResults {
  /** Lines that name a seed and what is wrong with it. */
  readonly problems: readonly string[]
  readonly lastLine: string
  readonly holds: boolean
}

const policies = {
  retry: { maxAttempts: 3, baseDelayMs: 20, budgetPerSecond: 10_000 },
  timeout: { headersMs: 500, firstContentMs: 500, betweenContentMs: 500, totalMs: 10_000 },
} as const

/** Runs sequences of random faults in this process, which gets instrumented. */
export async function runRandom(order: RandomOrder): Promise<RandomResults> {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })
  const holdfast = instrument({ reliability: policies })
  const problems: string[] = []
  const counts = new Map<Wrong | 'unhandled rejection' | 'left in the process', number>()
  const found = (wrong: Wrong | 'unhandled rejection' | 'left in the process', line: string) => {
    counts.set(wrong, (counts.get(wrong) ?? 0) + 1)
    problems.push(line)
  }

  const running = new AsyncLocalStorage<number>()
  const onRejection = (reason: unknown): void => {
    const seed = running.getStore()
    const whose = seed === undefined ? 'some seed' : `seed ${seed}`
    found('unhandled rejection', `${whose}: a rejection that nobody handles: ${String(reason)}`)
  }
  const onWarning = ({ name, message }: Error): void => {
    if (name === 'MaxListenersExceededWarning') found('listener left', message)
  }
  process.on('unhandledRejection', onRejection)
  process.on('warning', onWarning)

  // What the SDKs and Holdfast open once stays; it is no leak.
  await runSequence(sequenceOf(0), { ...limits(), standstill: standstill() })
  const seeds = Array.from({ length: order.count }, (_, index) => order.firstSeed + index)
  const clock = standstill()
  const worker = async (): Promise<void> => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      const own = seed
      const { wrong } = await running.run(own, () => runCertain(own, clock))
      for (const each of wrong) found(each.wrong, `seed ${own}: ${each.wrong}: ${each.details}`)
      order.onResult?.()
    }
  }
  await Promise.all(Array.from({ length: order.atOnce }, worker))

  const left = await leftInProcess()
  if (left.length > 0) found('left in the process', `left in the process: ${left.join(', ')}`)
  const { bugs } = holdfast.report()
  for (const { where, message } of bugs)
    problems.push(`a mistake inside Holdfast: ${where}: ${message}`)
  process.off('unhandledRejection', onRejection)
  process.off('warning', onWarning)
  await holdfast.uninstrument()

  const bad = new Set(problems.map((line) => /^seed \d+/.exec(line)?.[0]).filter(Boolean)).size
  const told = (name: Parameters<typeof found>[0], words: string): string =>
    `${counts.get(name) ?? 0} ${words}`
  const good = (order.count - bad).toLocaleString('en-US')
  return {
    problems,
    holds: problems.length === 0,
    lastLine: `random faults: ${good} of ${order.count.toLocaleString('en-US')} sequences end as they must (seeds ${order.firstSeed} to ${order.firstSeed + order.count - 1}); ${[
      told('hang', 'hangs'),
      told('silent truncation', 'silent truncations'),
      told('over the request limit', 'over the request limit'),
      told('before Retry-After', 'before Retry-After'),
      told('unhandled rejection', 'unhandled rejections'),
      told('request left open', 'requests left open'),
      told('listener left', 'listeners left'),
      told('left in the process', 'kinds of things left in the process'),
    ].join(', ')}`,
  }
}

/** Runs a sequence; again where something is wrong with it in which the process itself had stood still. */
async function runCertain(seed: number, clock: Standstill): Promise<SequenceResult> {
  for (let left = mostRounds; ; left--) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const result = await runSequence(sequenceOf(seed), { ...limits(), standstill: clock })
    if (result.wrong.length === 0 || result.stoodStillMs < mostStoodStillMs || left === 1) {
      return result
    }
  }
}

const mostRounds = 4
const mostStoodStillMs = 100

function limits(): { maxAttempts: number; totalMs: number } {
  return { maxAttempts: policies.retry.maxAttempts, totalMs: policies.timeout.totalMs }
}

/** Sockets, servers and timers that are still there when all calls are over. */
async function leftInProcess(): Promise<string[]> {
  const kinds = ['TCPSocketWrap', 'TCPServerWrap', 'ConnectWrap', 'Timeout']
  const left = (): string[] =>
    process.getActiveResourcesInfo().filter((kind) => kinds.includes(kind))
  for (let waitedMs = 0; waitedMs < 10_000 && left().length > 0; waitedMs += 100) {
    // oxlint-disable-next-line no-await-in-loop -- looks again and again
    await sleep(100)
  }
  const counted = Map.groupBy(left(), (kind) => kind)
  return [...counted].map(([kind, all]) => `${all.length} ${kind}`)
}
