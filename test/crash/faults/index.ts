import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startProvider } from '../provider.ts'
import { random } from '../random.ts'
import { diskFull } from './disk-full.ts'
import { ownerStopped } from './owner-stopped.ts'
import { promptChanged } from './prompt-changed.ts'
import { redisKilled } from './redis-killed.ts'
import type { Scenario } from './scenario.ts'
import { twoResumers } from './two-resumers.ts'

export const scenarios: readonly Scenario[] = [
  redisKilled,
  diskFull,
  ownerStopped,
  twoResumers,
  promptChanged,
]

/** How a scenario ended. */
export interface Played {
  readonly scenario: Scenario
  readonly times: number
  readonly findings: readonly string[]
}

/** Plays the scenarios one after the other. */
export async function playFaults(
  wanted: readonly Scenario[],
  options: {
    readonly folder: string
    readonly seed: number
    readonly stopMs: number
    readonly onPlayed?: (played: Played) => void
  },
): Promise<Played[]> {
  const { folder, seed, stopMs, onPlayed } = options
  await using provider = await startProvider()
  const all: Played[] = []
  for (const scenario of wanted) {
    const own = join(folder, scenario.name.replaceAll(' ', '-'))
    mkdirSync(own, { recursive: true })
    const played = await scenario.play({
      folder: own,
      provider,
      compileCache: join(folder, 'compiled'),
      random: random(seed),
      stopMs,
    })
    all.push({ scenario, ...played })
    onPlayed?.({ scenario, ...played })
  }
  return all
}
