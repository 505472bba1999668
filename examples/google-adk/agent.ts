// A support agent on Google's Agent Development Kit. Nothing in here knows Holdfast.
import {
  FunctionTool,
  InMemoryRunner,
  isFinalResponse,
  LlmAgent,
  stringifyContent,
} from '@google/adk'
import { z } from 'zod'

const orders = new Map([
  ['1042', { state: 'on its way', arrives: 'Friday' }],
  ['1043', { state: 'waiting for payment' }],
])

const lookUpOrder = new FunctionTool({
  name: 'look_up_order',
  description: 'Looks up where an order is.',
  parameters: z.object({ order: z.string().describe('the number of the order') }),
  execute: async ({ order }) => orders.get(order) ?? { error: `there is no order ${order}` },
})

const support = new LlmAgent({
  name: 'support',
  model: process.env['MODEL'] ?? 'gemini-3.8-flash',
  instruction: 'You answer the customers of a shop. Look orders up before you say where they are.',
  tools: [lookUpOrder],
})

const appName = 'shop'
const userId = 'ada'
const runner = new InMemoryRunner({ agent: support, appName })
const { id: sessionId } = await runner.sessionService.createSession({ appName, userId })

const question = process.argv[2] ?? 'Where is order 1042?'
const newMessage = { role: 'user', parts: [{ text: question }] }
for await (const event of runner.runAsync({ userId, sessionId, newMessage })) {
  if (isFinalResponse(event)) console.log(stringifyContent(event))
}
