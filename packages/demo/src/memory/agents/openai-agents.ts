// A travel desk written with the OpenAI Agents SDK. It gets one message, answers it and ends: it remembers nothing by itself.
import { Agent, Runner, tool } from '@openai/agents'
import { z } from 'zod'

const bookFlight = tool({
  name: 'book_flight',
  description: 'Books a flight.',
  parameters: z.object({ to: z.string(), seat: z.string() }),
  execute: ({ to, seat }) => `OS 456 to ${to}, ${seat}: booked`,
})

const desk = new Agent({
  name: 'Travel desk',
  model: 'gpt-4.1-mini',
  instructions: 'You book flights.',
  tools: [bookFlight],
})

const message = process.argv[2] ?? ''
const result = await new Runner().run(desk, message, { stream: true })
for await (const text of result.toTextStream()) process.stdout.write(text)
await result.completed
process.stdout.write('\n')
