import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { instrument, run, tool } from 'holdfast'
import type { Holdfast } from 'holdfast'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder: string
let holdfast: Holdfast | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-nested-'))
})

afterEach(async () => {
  await holdfast?.uninstrument()
  holdfast = undefined
  rmSync(folder, { recursive: true, force: true })
})

/** Begins anew, as another process would. */
async function again(): Promise<Holdfast> {
  await holdfast?.uninstrument()
  holdfast = instrument({
    telemetry: false,
    journal: { store: join(folder, 'journal.db'), tools: { all: 'retry' } },
  })
  return holdfast
}

test('a tool whose inner tool is in doubt has not failed: it runs again when the doubt is settled', async () => {
  const done: number[] = []
  let cut = true
  const one = tool({ name: 'one' }, async (slot: number) => {
    if (slot === 1 && cut) throw new DOMException('cut short', 'AbortError')
    return `sum ${done.push(slot)}`
  })
  const all = tool({ name: 'all' }, async (slots: readonly number[]) => {
    try {
      return await Promise.all(slots.map((slot) => one(slot)))
    } catch (cause) {
      if (cut) throw cause
      // As frameworks do.
      throw new Error('the tool has failed', { cause })
    }
  })
  const work = () => run({ id: 'job' }, () => all([0, 1, 2]))
  await again()
  await expect(work()).rejects.toThrow()
  cut = false

  const { runs } = await again()
  await expect(work()).rejects.toMatchObject({ code: 'EFFECT_IN_DOUBT' })
  const doubts = (await runs?.inDoubt('job')) ?? []
  const [doubt, ...others] = doubts.filter(({ name }) => name === 'one')
  expect([doubt?.arguments, others]).toEqual([1, []])
  await runs?.resolve(doubt?.id ?? '', { as: 'done', value: 'sum 1, by hand' })

  await expect(work()).resolves.toEqual(['sum 1', 'sum 1, by hand', 'sum 2'])
  expect(done).toEqual([0, 2])
})
