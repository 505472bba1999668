// A VoltAgent agent, on version 6 of the AI SDK.
import { createOpenAI } from '@ai-sdk/openai-v6'
import { Agent, createTool } from '@voltagent/core'
import { z } from 'zod'
import { instructions, question, recordTool } from './agent.ts'
import type { PlayAgent } from './agent.ts'

export const play: PlayAgent = async ({ job, record }) => {
  const openai = createOpenAI({ apiKey: 'sk-lab', baseURL: `${job.providerUrl}/v1` })
  const agent = new Agent({
    name: 'Recorder',
    instructions: job.instructions ?? instructions,
    model: openai('gpt-lab'),
    tools: [
      createTool({
        name: recordTool.name,
        description: recordTool.description,
        parameters: z.object({ step: z.number(), slot: z.number() }),
        execute: (place) => record(place),
      }),
    ],
    maxRetries: 0,
  })
  const options = { maxSteps: job.work.rounds + 5 }
  if (job.cell.reply === 'whole') return (await agent.generateText(question, options)).text
  const result = await agent.streamText(question, options)
  for await (const _ of result.textStream);
  return await result.text
}
