import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { redisAvailable } from '../redis/redis-server.ts'
import { runCampaign } from './campaign.ts'
import { cells } from './cell.ts'
import type { Cell, Keeper, Part } from './cell.ts'
import { summarise, troubles } from './summary.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-crash-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const plain: Part = { agent: ['openai'], reply: ['whole'], tools: ['three'] }

async function campaign(keeper: Keeper, wanted: readonly Cell[], kills: number) {
  const results = await runCampaign({
    cells: wanted,
    keeper,
    kills,
    seed: 7,
    atOnce: 2,
    rounds: 6,
    folder,
  })
  return { ...summarise(results), troubles: troubles(results) }
}

/** OpenClaw is installed where somebody asks for it. */
function withoutDownload({ agent }: Cell): boolean {
  return agent !== 'openclaw'
}

test('killed agents go on where they were: nothing is lost, and nothing happens twice', async () => {
  const wanted = [
    ...cells({ reply: ['stream'], tools: ['three'], store: ['sqlite'] }).filter(withoutDownload),
    ...(redisAvailable() ? cells({ ...plain, store: ['redis'] }) : []),
  ]
  const { kills, troubles: found } = await campaign('journal', wanted, wanted.length)
  expect(found).toEqual([])
  expect(kills).toBe(wanted.length)
}, 300_000)

test('without a journal the same kills repeat effects and ask the model again', async () => {
  const wanted = cells({ ...plain, store: ['sqlite'] })
  const { losses, kills } = await campaign('bare', wanted, 3)
  expect(kills).toBe(3)
  expect(losses.repeatedEffects).toBeGreaterThan(0)
  expect(losses.silentDoubts).toBeGreaterThan(0)
  expect(losses.lostSteps).toBeGreaterThan(0)
}, 120_000)
