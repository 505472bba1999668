// The OpenAI Agents SDK, on the Responses API.
import { Agent, OpenAIProvider, Runner, tool } from '@openai/agents'
import { z } from 'zod'
import { instructions, question, recordTool } from './agent.ts'
import type { PlayAgent } from './agent.ts'

export const play: PlayAgent = async ({ job, record }) => {
  const agent = new Agent({
    name: 'Recorder',
    instructions: job.instructions ?? instructions,
    tools: [
      tool({
        name: recordTool.name,
        description: recordTool.description,
        parameters: z.object({ step: z.number(), slot: z.number() }),
        execute: record,
      }),
    ],
  })
  const runner = new Runner({
    tracingDisabled: true,
    model: 'gpt-lab',
    modelProvider: new OpenAIProvider({ apiKey: 'sk-lab', baseURL: `${job.providerUrl}/v1` }),
  })
  const maxTurns = job.work.rounds + 5
  if (job.cell.reply === 'whole') {
    const { finalOutput } = await runner.run(agent, question, { maxTurns })
    return finalOutput ?? ''
  }
  const result = await runner.run(agent, question, { maxTurns, stream: true })
  for await (const _ of result.toTextStream());
  await result.completed
  return result.finalOutput ?? ''
}
