// A support agent on the OpenAI SDK, which runs functions by itself.
import OpenAI from 'openai'
import { zodFunction } from 'openai/helpers/zod'
import * as z from 'zod'

const orders: Record<string, object> = {
  1042: { state: 'on its way', arrives: 'Friday' },
  1043: { state: 'waiting for payment' },
}

const lookUpOrder = zodFunction({
  name: 'look_up_order',
  description: 'Looks up where an order is.',
  parameters: z.object({ order: z.string().describe('the number of the order') }),
  function: ({ order }: { order: string }) =>
    orders[order] ?? { error: `there is no order ${order}` },
})

const question = process.argv[2] ?? 'Where is order 1042?'
const runner = new OpenAI().chat.completions.runTools({
  model: process.env['MODEL'] ?? 'gpt-6-mini',
  messages: [
    { role: 'system', content: 'You answer the customers of a shop. Look orders up first.' },
    { role: 'user', content: question },
  ],
  tools: [lookUpOrder],
  // The run is theirs.
  safety_identifier: 'ada',
})
console.log(await runner.finalContent())
