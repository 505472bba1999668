import { instrument } from 'holdfast'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { cells } from './cell.ts'
import type { CellResult } from './cell-result.ts'
import { searchTool } from './clients/client.ts'
import type { FaultName } from './expectations.ts'
import { policies } from './policies.ts'
import { runCell } from './run-cell.ts'
import { standstill } from './standstill.ts'

let holdfast: ReturnType<typeof instrument> | undefined
beforeAll(() => {
  // The AI SDK prints what it thinks of model names.
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })
})
afterEach(async () => {
  await holdfast?.uninstrument()
  holdfast = undefined
})

function withGate(): void {
  const declare = { [searchTool.name]: { class: 'read-only' as const } }
  holdfast = instrument({ reliability: policies, tools: { preset: 'strict', declare } })
}

/** Every client on every wire, whole and streamed, with a fault at each request. */
async function resultsOf(fault: FaultName): Promise<CellResult[]> {
  const all = cells({ wires: [], clients: [], faults: [fault] })
  const options = { limitMs: 11_000, withSentBytes: false, standstill: standstill() }
  const results = await Promise.all(all.map((cell) => runCell(cell, options)))
  expect(results.length).toBeGreaterThan(10)
  expect(results.filter(({ ended }) => ended === 'pending').map(({ id }) => id)).toEqual([])
  return results
}

function handedCalls(results: readonly CellResult[]): string[] {
  return results
    .filter(({ toolCalls }) => toolCalls.length > 0)
    .map(({ id, toolCalls }) => `${id} ${JSON.stringify(toolCalls)}`)
}

const neverRun = [
  'length-cut-tool-call',
  'malformed-tool-arguments',
  'empty-tool-arguments',
  'unknown-tool',
] as const

test.each(neverRun)(
  'behind the gate no client is handed a call to run: %s',
  { timeout: 60_000 },
  async (fault) => {
    withGate()
    expect(handedCalls(await resultsOf(fault))).toEqual([])
    expect(holdfast?.report().bugs).toEqual([])
  },
)

test.each(['duplicate-tool-ids', 'empty-tool-id'] as const)(
  'an odd id is nothing against a call that may run: %s',
  { timeout: 60_000 },
  async (fault) => {
    const alone = handedCalls(await resultsOf(fault))
    withGate()
    expect(handedCalls(await resultsOf(fault))).toEqual(alone)
    expect(alone.length).toBeGreaterThan(10)
    expect(holdfast?.report().bugs).toEqual([])
  },
)
