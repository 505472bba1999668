// A support agent on LlamaIndex. Nothing in here knows Holdfast.
import { openai } from '@llamaindex/openai'
import { agent } from '@llamaindex/workflow'
import { tool } from 'llamaindex'
import { z } from 'zod'

const orders = new Map([
  ['1042', { state: 'on its way', arrives: 'Friday' }],
  ['1043', { state: 'waiting for payment', arrives: 'unknown' }],
])

const lookUpOrder = tool({
  name: 'look_up_order',
  description: 'Looks up where an order is.',
  parameters: z.object({ order: z.string().describe('the number of the order') }),
  execute: ({ order }) => orders.get(order) ?? `there is no order ${order}`,
})

const support = agent({
  name: 'support',
  llm: openai({ model: process.env['MODEL'] ?? 'gpt-4o-mini' }),
  systemPrompt: 'You answer the customers of a shop. Look orders up before you say where they are.',
  tools: [lookUpOrder],
})

const question = process.argv[2] ?? 'Where is order 1042?'
const { data } = await support.run(question)
console.log(data.result)
