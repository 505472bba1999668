import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { JournalStore } from '@holdfast/core'
import { redisJournal } from '@holdfast/store-redis'
import { sqliteJournal } from '@holdfast/store-sqlite'
import { startRedis } from '../../redis/redis-server.ts'
import type { AgentRun } from '../agent-run.ts'
import type { Cell } from '../cell.ts'
import type { Point } from '../points.ts'
import { lossesOf, runOn, untilDone, usualCell } from './scenario.ts'
import type { Scenario, Stage } from './scenario.ts'

const points: readonly Point[] = [
  'record-before',
  'record-after',
  'intent-before',
  'outcome-before',
]
const leaseMs = 10_000

/** The owner of a run stands still until its lease has run out, and goes on when another one has finished the run. */
export const ownerStopped: Scenario = {
  name: 'owner stopped and continued',
  promise:
    'another process takes the run over when the lease is out; the sleeper writes nothing more',
  async play(stage) {
    await using redis = await startRedis()
    const folder = join(stage.folder, 'owner-stopped')
    mkdirSync(folder)
    const played = points.flatMap((point) => [
      playAt(stage, point, 'sqlite', join(folder, `${point}.db`)),
      playAt(stage, point, 'redis', redis.url),
    ])
    const findings = await Promise.all(played)
    return { times: played.length, findings: findings.flat() }
  },
}

async function playAt(
  stage: Stage,
  point: Point,
  store: Cell['store'],
  storeAt: string,
): Promise<readonly string[]> {
  const name = `owner-stopped-${point}-${store}`
  const run = runOn(stage, name, storeAt, { ...usualCell, store })
  let pid = 0
  const sleeper = run.live(
    { leaseMs, dieAt: { point, time: 6, signal: 'STOP' } },
    { onReady: (id) => (pid = id), hangAfterMs: stage.stopMs + 120_000 },
  )
  await stoppedAt(run, point)
  while (!isStopped(pid)) await setTimeout(20)
  const stoppedMs = performance.now()
  const lives = await untilDone(run, { leaseMs, most: 200, pauseMs: 250 })
  const findings = lives === 0 ? [`${name}: never taken over`] : []
  // It was renewed in the last third of its time.
  if (performance.now() - stoppedMs < (leaseMs * 2) / 3) {
    findings.push(`${name}: taken over before the lease was out`)
  }

  const journal = openStore(store, storeAt)
  try {
    const entries = (await journal.read(name)).length
    const before = run.truth().length
    await setTimeout(Math.max(0, stoppedMs + stage.stopMs - performance.now()))
    process.kill(pid, 'SIGCONT')
    const { end } = await sleeper
    const afterwards = run.truth().slice(before)
    const last = afterwards.at(-1)
    if (end !== 'failed' || last?.at !== 'failed' || last.code !== 'RUN_TAKEN_OVER') {
      findings.push(`${name}: the sleeper ${end}, ${JSON.stringify(last)}`)
    }
    const began = afterwards.filter(({ at }) => at === 'begun' || at === 'effect').length
    if (began > 0) findings.push(`${name}: the sleeper ran ${began} tools`)
    const written = (await journal.read(name)).length - entries
    if (written !== 0) findings.push(`${name}: the sleeper wrote ${written} entries`)
  } finally {
    await journal.close()
  }
  return [...findings, ...lossesOf(name, run.end({ interruptions: 1 }))]
}

function openStore(store: Cell['store'], storeAt: string): JournalStore {
  return store === 'redis' ? redisJournal({ url: storeAt }) : sqliteJournal({ path: storeAt })
}

function isStopped(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'state=', '-p', `${pid}`], { encoding: 'utf8' })
  return stdout.trim().startsWith('T')
}

async function stoppedAt(run: AgentRun, point: Point): Promise<void> {
  const untilMs = performance.now() + 60_000
  while (!run.truth().some((line) => line.at === 'point')) {
    if (performance.now() > untilMs) throw new Error(`nobody came to ${point}`)
    await setTimeout(20)
  }
}
