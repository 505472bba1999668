import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { canonicalArguments } from '@holdfast/core'
import { sqliteApprovalStore } from '@holdfast/store-sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { asking } from './describe-approval-store.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-approvals-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const count = 200

interface Got {
  readonly asked: number
  readonly decided: number
  readonly redeemed: number
}

test('processes that race ask one question, take one decision and use one approval of each', async () => {
  const [path, go] = [join(folder, 'approvals.db'), join(folder, 'go')]
  const store = sqliteApprovalStore({ path })
  for (let index = 0; index < count; index++) {
    const { text: argumentsText, hash: argumentsHash } = canonicalArguments({ index })
    const call = { argumentsText, argumentsHash }
    await store.ask({ ...asking({ ...call, runId: 'waiting' }), id: `waiting-${index}` })
    const { record } = await store.ask(asking({ ...call, runId: 'approved' }))
    await store.decide(record.id, { verdict: 'approved', by: 'ada' })
  }
  const racer = join(import.meta.dirname, 'fixtures/racer.ts')
  const racers = ['a', 'b', 'c'].map((name) => {
    const args = ['--conditions=@holdfast/source', '--no-warnings', racer]
    const child = spawn(process.execPath, [...args, path, go, name, String(count)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    return { ready: once(child.stdout, 'readable'), said: text(child.stdout) }
  })
  await Promise.all(racers.map(({ ready }) => ready))
  writeFileSync(go, '')
  const got = await Promise.all(
    racers.map(async ({ said }) => JSON.parse((await said).split('\n')[1] ?? '') as Got),
  )
  const sum = (what: keyof Got): number => got.reduce((total, one) => total + one[what], 0)
  expect([sum('asked'), sum('decided'), sum('redeemed')]).toEqual([count, count, count])
  expect(await store.list({ runId: 'run', limit: 2 * count })).toHaveLength(count)
  await store.close()
}, 60_000)
