// A travel desk written with KaibanJS. It gets one message, answers it and ends: it remembers nothing by itself.
import { tool } from '@langchain/core/tools'
import { Agent, Task, Team } from 'kaibanjs'
import { z } from 'zod'

const bookFlight = tool(({ to, seat }) => `OS 456 to ${to}, ${seat}: booked`, {
  name: 'book_flight',
  description: 'Books a flight.',
  schema: z.object({ to: z.string(), seat: z.string() }),
})

const llmConfig = {
  provider: 'openai',
  model: 'gpt-4.1-mini',
  apiBaseUrl: process.env['OPENAI_BASE_URL'],
}

const desk = new Agent({
  name: 'Ada',
  role: 'Travel desk',
  goal: 'Book flights.',
  background: 'Airlines',
  // KaibanJS 0.23 is typed against the tools of @langchain/core 0.3; it runs those of 1.x just the same.
  tools: [bookFlight as never],
  llmConfig,
})

const team = new Team({
  name: 'Travel desk',
  agents: [desk],
  tasks: [
    new Task({ description: '{message}', expectedOutput: 'An answer in a sentence.', agent: desk }),
  ],
  inputs: { message: process.argv[2] ?? '' },
  env: { OPENAI_API_KEY: process.env['OPENAI_API_KEY'] ?? '' },
  logLevel: 'error',
})

const { status, result } = await team.start()
if (!result) throw new Error(`The team stopped: ${status}`)
console.log(result)
