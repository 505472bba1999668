// A support agent on the Anthropic SDK, which runs tools by itself.
import Anthropic from '@anthropic-ai/sdk'
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod'
import * as z from 'zod'

const orders: Record<string, object> = {
  1042: { state: 'on its way', arrives: 'Friday' },
  1043: { state: 'waiting for payment' },
}

const lookUpOrder = betaZodTool({
  name: 'look_up_order',
  description: 'Looks up where an order is.',
  inputSchema: z.object({ order: z.string().describe('the number of the order') }),
  run: ({ order }) => JSON.stringify(orders[order] ?? { error: `there is no order ${order}` }),
})

const question = process.argv[2] ?? 'Where is order 1042?'
const { content } = await new Anthropic().beta.messages.toolRunner({
  model: process.env['MODEL'] ?? 'claude-sonnet-5-5',
  max_tokens: 1000,
  system: 'You answer the customers of a shop. Look orders up first.',
  messages: [{ role: 'user', content: question }],
  tools: [lookUpOrder],
  // The run is theirs.
  metadata: { user_id: 'ada' },
})
for (const block of content) if (block.type === 'text') console.log(block.text)
