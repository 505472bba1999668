import { run, tool } from 'holdfast'
import { expect, test } from 'vitest'
import { journalForEachTest } from './journal-for-each-test.ts'

const journal = journalForEachTest()
const { again } = journal

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
  await again({ tools: { all: 'retry' } })
  await expect(work()).rejects.toThrow()
  cut = false

  const { runs } = await again({ tools: { all: 'retry' } })
  await expect(work()).rejects.toMatchObject({ code: 'EFFECT_IN_DOUBT' })
  // The outer one is retried without anybody.
  const [doubt, ...others] = await runs.inDoubt('job')
  expect([doubt?.name, doubt?.arguments, others]).toEqual(['one', 1, []])
  await runs?.resolve(doubt?.id ?? '', { as: 'done', value: 'sum 1, by hand' })

  await expect(work()).resolves.toEqual(['sum 1', 'sum 1, by hand', 'sum 2'])
  expect(done).toEqual([0, 2])
})

test('a tool that makes do without its inner tool in doubt is not done', async () => {
  const done: string[] = []
  let cut = true
  const inner = tool({ name: 'inner' }, async (_what: string) => {
    if (cut) throw new DOMException('cut short', 'AbortError')
    done.push('inner')
    return 'receipt'
  })
  const careless = tool({ name: 'careless' }, async (what: string) => {
    try {
      return await inner(what)
    } catch (error) {
      if (cut) throw error
      return 'never mind'
    }
  })
  const beside = tool({ name: 'beside' }, async (_what: string) => `${done.push('beside')}`)
  const work = () => run({ id: 'job' }, () => Promise.all([beside('a'), careless('b')]))
  await again({ tools: { careless: 'retry' } })
  await expect(work()).rejects.toThrow()
  cut = false

  const { runs } = await again({ tools: { careless: 'retry' } })
  await expect(work()).rejects.toMatchObject({ code: 'EFFECT_IN_DOUBT' })
  const [doubt] = await runs.inDoubt('job')
  await runs.resolve(doubt?.id ?? '', { as: 'again' })

  await expect(work()).resolves.toEqual(['1', 'receipt'])
  expect(done).toEqual(['beside', 'inner'])
})
