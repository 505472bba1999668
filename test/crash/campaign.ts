import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Cell, Keeper } from './cell.ts'
import type { CellResult } from './cell-runs.ts'
import { runCell } from './cell-runs.ts'
import { DeathPlanner } from './plan.ts'
import { pointsOf } from './points.ts'
import { startProvider } from './provider.ts'
import { random } from './random.ts'
import { Stores } from './stores.ts'

/** A campaign: cells whose agents are killed so many times in all. */
export interface Campaign {
  readonly cells: readonly Cell[]
  readonly keeper: Keeper
  readonly kills: number
  readonly seed: number
  /** How many agents work at the same time. */
  readonly atOnce: number
  /** Rounds of tool calls, then the answer. @default 14 */
  readonly rounds?: number
  readonly folder: string
  readonly onKills?: (count: number) => void
}

/** Runs all cells of a campaign. */
export async function runCampaign(campaign: Campaign): Promise<CellResult[]> {
  const { cells, keeper, kills, seed, folder, rounds = 14 } = campaign
  await using provider = await startProvider()
  await using stores = await Stores.open(folder, keeper === 'journal' ? cells : [])
  const truths = join(folder, 'truth')
  mkdirSync(truths, { recursive: true })

  const shares = killsOf(cells, kills)
  const results: CellResult[] = []
  const waiting = cells.entries()
  const worker = async (): Promise<void> => {
    for (const [index, cell] of waiting) {
      results[index] = await runCell(
        {
          cell,
          keeper,
          work: { rounds, slots: cell.tools === 'one' ? 1 : 3 },
          folder: truths,
          provider,
          compileCache: join(folder, 'compiled'),
          ...stores.at(cell, keeper),
        },
        {
          kills: shares[index] ?? 0,
          planner: new DeathPlanner({
            random: random(seed * 1_000 + index),
            points: pointsOf(cell, keeper),
          }),
          ...(campaign.onKills === undefined ? {} : { onKills: campaign.onKills }),
        },
      )
    }
  }
  await Promise.all(Array.from({ length: campaign.atOnce }, worker))
  return results
}

/** The kills of each cell: as many as the others, but half for OpenClaw, which takes seconds to start. */
function killsOf(cells: readonly Cell[], kills: number): number[] {
  const weights = cells.map(({ agent }) => (agent === 'openclaw' ? 1 : 2))
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  let before = 0
  return weights.map((weight) => {
    const from = Math.round((kills * before) / all)
    before += weight
    return Math.round((kills * before) / all) - from
  })
}
