import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StoreSetting } from 'holdfast'
import { finding } from '../check.ts'
import type { Check, Finding, Scale } from '../check.ts'
import { startProvider, tokensPerAnswer } from '../provider.ts'
import type { Provider } from '../provider.ts'
import { startWorkers } from '../workers.ts'

/** One root run, worked for by all processes in sub-runs of sub-runs; in every other round half of them are killed. */
export const checkTree: Check = async (redis, scale) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-tree-'))
  const sqlite = `sqlite:${join(folder, 'limits.db')}`
  try {
    return [
      await rounds('Redis', { redis: redis.url, prefix: randomUUID() }, scale),
      await rounds('SQLite', sqlite, scale),
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function rounds(name: string, store: StoreSetting, scale: Scale): Promise<Finding> {
  let over = 0
  let least = 1
  let calls = 0
  const others = new Set<string>()
  await using provider = await startProvider()
  for (let round = 0; round < scale.trees; round++) {
    provider.arrivals.length = 0
    const killing = (scale.trees - round) % 2 === 1
    const { share, codes } = await tree(provider, store, scale, killing)
    calls += provider.arrivals.length
    if (share > 1) over++
    // What killed processes had reserved stays reserved.
    if (!killing) least = Math.min(least, share)
    for (const code of codes) others.add(code)
  }
  others.delete('CAP_REACHED')
  others.delete('STORE_UNREACHABLE')
  return finding(
    `run trees that took more than their cap, in ${name}`,
    `${over} of ${scale.trees}, in ${calls} calls of ${scale.processes} processes; at least ${(least * 100).toFixed(1)} % used where nobody was killed${others.size > 0 ? `; also ${[...others].join(', ')}` : ''}`,
    over === 0 && least > 0.9 && others.size === 0,
  )
}

async function tree(
  provider: Provider,
  store: StoreSetting,
  { processes, loops }: Scale,
  killing: boolean,
): Promise<{ readonly share: number; readonly codes: readonly string[] }> {
  const atOnce = Math.min(loops, 10)
  const maxTokens = processes * atOnce * 1_500
  await using workers = await startWorkers(processes)
  const done = workers.tree({
    type: 'tree',
    root: randomUUID(),
    providerUrl: provider.url,
    loops: atOnce,
    options: {
      store,
      governance: { caps: { maxTokens, softAt: false } },
      reliability: { circuitBreaker: false },
    },
  })
  if (killing) {
    await provider.heardOf(processes)
    await sleep(20 + Math.random() * 200)
    await workers.kill(Math.floor(processes / 2))
  }
  const reports = await done
  // Whoever is killed has been charged all the same.
  const took = provider.arrivals.length * tokensPerAnswer
  return {
    share: took / maxTokens,
    codes: reports.flatMap(({ refusals }) => Object.keys(refusals)),
  }
}
