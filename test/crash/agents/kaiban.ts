// A KaibanJS team of one. Its agents call one tool at a time: for three in parallel the tool itself makes the calls.
import { tool as langchainTool } from '@langchain/core/tools'
import { tool } from 'holdfast'
import { Agent, Task, Team } from 'kaibanjs'
import { z } from 'zod'
import { instructions, question, recordTool } from './agent.ts'
import type { PlayAgent } from './agent.ts'

export const play: PlayAgent = async ({ job, record }) => {
  const { name, description } = recordTool
  const recordOne = langchainTool(record, {
    name,
    description,
    schema: z.object({ step: z.number(), slot: z.number() }),
  })
  const recordOnce = tool({ name }, record)
  const recordAll = langchainTool(
    async ({ step, slots }) => {
      const receipts = await Promise.all(slots.map((slot) => recordOnce({ step, slot })))
      return receipts.join('; ')
    },
    {
      name: 'record_all',
      description: 'Records the slots of a round.',
      schema: z.object({ step: z.number(), slots: z.array(z.number()) }),
    },
  )
  const agent = new Agent({
    name: 'Ada',
    role: 'Recorder',
    goal: job.instructions ?? instructions,
    background: 'Book-keeping',
    maxIterations: job.work.rounds + 5,
    // KaibanJS 0.23 is typed against the tools of @langchain/core 0.3; it runs those of 1.x just the same.
    tools: [(job.work.slots === 1 ? recordOne : recordAll) as never],
    llmConfig: {
      provider: 'openai',
      model: 'gpt-lab',
      apiKey: 'sk-lab',
      apiBaseUrl: `${job.providerUrl}/v1`,
      streaming: job.cell.reply === 'stream',
    } as never,
  })
  const task = new Task({ description: question, expectedOutput: 'A sentence', agent })
  const team = new Team({
    name: 'Recorders',
    agents: [agent],
    tasks: [task],
    memory: false,
    logLevel: 'error',
  })
  const { status, result } = await team.start()
  if (typeof result !== 'string') throw new Error(`the team stopped: ${status}`)
  return result
}
