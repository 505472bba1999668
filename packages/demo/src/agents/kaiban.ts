// An incident report written with KaibanJS: an analyst with a tool hands over to a writer.
import { tool } from '@langchain/core/tools'
import { Agent, Task, Team } from 'kaibanjs'
import { z } from 'zod'

const readMetrics = tool(
  ({ service }) => `${service}: error rate 0.2 % until 09:40, 17 % until 10:25, 0.2 % since`,
  {
    name: 'read_metrics',
    description: 'The error rate of a service over the last hours.',
    schema: z.object({ service: z.string() }),
  },
)

const llmConfig = {
  provider: 'openai',
  model: process.env['OPENAI_MODEL'] ?? 'gpt-4.1-mini',
  apiBaseUrl: process.env['OPENAI_BASE_URL'],
}

const analyst = new Agent({
  name: 'Ada',
  role: 'Analyst',
  goal: 'Find out what happened to a service.',
  background: 'Reads metrics',
  // KaibanJS 0.23 is typed against the tools of @langchain/core 0.3; it runs those of 1.x just the same.
  tools: [readMetrics as never],
  llmConfig,
})
const writer = new Agent({
  name: 'Ben',
  role: 'Writer',
  goal: 'Tell customers what happened in two plain sentences.',
  background: 'Status pages',
  llmConfig,
})

const team = new Team({
  name: 'Incident report',
  agents: [analyst, writer],
  tasks: [
    new Task({
      description: 'Find out when {service} failed today and how badly.',
      expectedOutput: 'Times and error rates.',
      agent: analyst,
    }),
    new Task({
      description: 'Write the note for the status page.',
      expectedOutput: 'Two sentences.',
      agent: writer,
    }),
  ],
  inputs: { service: 'checkout' },
  env: { OPENAI_API_KEY: process.env['OPENAI_API_KEY'] ?? '' },
  logLevel: 'error',
})

const { status, result } = await team.start()
if (!result) throw new Error(`The team stopped: ${status}`)
console.log(result)
