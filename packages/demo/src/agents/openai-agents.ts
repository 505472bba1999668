// A bookkeeper written with the OpenAI Agents SDK: one agent with one tool, streamed to the terminal.
import { Agent, Runner, tool } from '@openai/agents'
import { z } from 'zod'

const exchangeRate = tool({
  name: 'exchange_rate',
  description: 'The exchange rate of two currencies today.',
  parameters: z.object({ from: z.string(), to: z.string() }),
  execute: ({ from, to }) => `1 ${from} = 1.1425 ${to}`,
})

const bookkeeper = new Agent({
  name: 'Bookkeeper',
  model: process.env['OPENAI_MODEL'] ?? 'gpt-4.1-mini',
  instructions: 'You work out what we owe. Look exchange rates up, never guess them.',
  tools: [exchangeRate],
})

const question = 'Invoice 7731 is 8,400 EUR. What is that in USD today?'
const result = await new Runner().run(bookkeeper, question, { stream: true })
for await (const text of result.toTextStream()) process.stdout.write(text)
await result.completed
process.stdout.write('\n')
