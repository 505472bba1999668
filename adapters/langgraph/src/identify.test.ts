import { entrypoint } from '@langchain/langgraph'
import { expect, test } from 'vitest'
import { hintFrom, identify } from './identify.ts'

const who = entrypoint('who', async () => {
  await Promise.resolve()
  return identify() ?? 'nobody'
})

test('the thread and the user of the code running now are known', async () => {
  const ask = async (thread: string): Promise<unknown> =>
    who.invoke('', { configurable: { thread_id: thread, user_id: 'ada' } })
  await expect(Promise.all([ask('one'), ask('two')])).resolves.toEqual([
    { key: 'langgraph one', session: 'one', user: 'ada' },
    { key: 'langgraph two', session: 'two', user: 'ada' },
  ])
})

test('without a thread, nobody is known', async () => {
  await expect(who.invoke('')).resolves.toBe('nobody')
  expect(identify()).toBeUndefined()
})

test('what a call says counts more than what the graph was bound to', () => {
  const bound = { configurable: { thread_id: 'bound', user_id: 'ada' } }
  expect(hintFrom(bound, { configurable: { thread_id: 'called' } })).toEqual({
    session: 'called',
    user: 'ada',
  })
})
