import { tool } from '@langchain/core/tools'
import { Command, interrupt, MemorySaver } from '@langchain/langgraph'
import { createReactAgent } from '@langchain/langgraph/prebuilt'
import { ChatOpenAI } from '@langchain/openai'
import { startLab } from '@holdfast/lab'
import { currentEffect, run } from 'holdfast'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { journalForEachTest } from './journal-for-each-test.ts'

const { again } = journalForEachTest()

test('a LangGraph tool that interrupts for a person is no effect in doubt, and is done once he has said yes', async () => {
  await using lab = await startLab({
    script: ({ callIndex }) =>
      callIndex === 0
        ? { toolCalls: [{ name: 'wire_money', arguments: { amount: 10 } }] }
        : { text: 'It is done.' },
  })
  const wired: number[] = []
  const keys: (string | undefined)[] = []
  const wireMoney = tool(
    ({ amount }) => {
      keys.push(currentEffect()?.idempotencyKey)
      if (interrupt({ amount }) !== 'yes') return 'refused'
      wired.push(amount)
      return 'wired'
    },
    { name: 'wire_money', description: 'Sends money', schema: z.object({ amount: z.number() }) },
  )
  const llm = new ChatOpenAI({
    model: 'gpt-lab',
    apiKey: 'sk-lab',
    configuration: { baseURL: lab.baseUrls.openai },
  })
  const agent = createReactAgent({ llm, tools: [wireMoney], checkpointer: new MemorySaver() })
  const config = { configurable: { thread_id: 'thread' } }
  const work = (input: Parameters<typeof agent.invoke>[0]) =>
    run({ id: 'job' }, () => agent.invoke(input, config))

  const before = await again()
  const paused = await work({ messages: [{ role: 'user', content: 'Send 10.' }] })
  expect(paused).toHaveProperty('__interrupt__')
  await expect(before.runs.inDoubt('job')).resolves.toEqual([])

  // The process was started anew while the person thought about it.
  const { runs } = await again()
  const { messages } = await work(new Command({ resume: 'yes' }))

  expect(messages.at(-1)?.text).toBe('It is done.')
  expect(wired).toEqual([10])
  expect(new Set(keys).size).toBe(1)
  await expect(runs.inDoubt('job')).resolves.toEqual([])
  expect((await runs.find('job'))?.state).toBe('completed')
  expect(lab.requests).toHaveLength(2)
})
