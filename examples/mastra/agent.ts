// A support agent on Mastra.
import { Agent } from '@mastra/core/agent'
import { createTool } from '@mastra/core/tools'
import * as z from 'zod'

const orders: Record<string, object> = {
  1042: { state: 'on its way', arrives: 'Friday' },
  1043: { state: 'waiting for payment' },
}

const lookUpOrder = createTool({
  id: 'look_up_order',
  description: 'Looks up where an order is.',
  inputSchema: z.object({ order: z.string().describe('the number of the order') }),
  execute: async ({ order }) => orders[order] ?? { error: `there is no order ${order}` },
})

const url = process.env['OPENAI_BASE_URL']
const support = new Agent({
  id: 'support',
  name: 'support',
  instructions: 'You answer the customers of a shop. Look orders up first.',
  model: {
    id: `openai/${process.env['MODEL'] ?? 'gpt-5.4-mini'}`,
    ...(url === undefined ? {} : { url }),
  },
  tools: { look_up_order: lookUpOrder },
})

const question = process.argv[2] ?? 'Where is order 1042?'
// The run is theirs.
const memory = { resource: 'ada', thread: 'chat-17' }
const { text } = await support.generate(question, { maxSteps: 5, memory })
console.log(text)
