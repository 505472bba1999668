// A support agent on the AI SDK, whose answer is streamed.
import { openai } from '@ai-sdk/openai'
import { isStepCount, tool, ToolLoopAgent } from 'ai'
import * as z from 'zod'

const orders: Record<string, object> = {
  1042: { state: 'on its way', arrives: 'Friday' },
  1043: { state: 'waiting for payment' },
}

const lookUpOrder = tool({
  description: 'Looks up where an order is.',
  inputSchema: z.object({ order: z.string().describe('the number of the order') }),
  execute: async ({ order }) => orders[order] ?? { error: `there is no order ${order}` },
})

const support = new ToolLoopAgent({
  id: 'support',
  model: openai(process.env['MODEL'] ?? 'gpt-5.4-mini'),
  instructions: 'You answer the customers of a shop. Look orders up first.',
  tools: { look_up_order: lookUpOrder },
  stopWhen: isStepCount(5),
  // The run is theirs.
  runtimeContext: { userId: 'ada', sessionId: 'chat-17' },
})

const prompt = process.argv[2] ?? 'Where is order 1042?'
const { textStream } = await support.stream({ prompt })
for await (const piece of textStream) process.stdout.write(piece)
process.stdout.write('\n')
