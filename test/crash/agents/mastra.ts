// A Mastra agent.
import { createOpenAI } from '@ai-sdk/openai'
import { Agent } from '@mastra/core/agent'
import { createTool } from '@mastra/core/tools'
import { z } from 'zod'
import { instructions, question, recordTool } from './agent.ts'
import type { PlayAgent } from './agent.ts'

export const play: PlayAgent = async ({ job, record }) => {
  const openai = createOpenAI({ apiKey: 'sk-lab', baseURL: `${job.providerUrl}/v1` })
  const { name, description } = recordTool
  const agent = new Agent({
    id: 'recorder',
    name: 'Recorder',
    instructions: job.instructions ?? instructions,
    // Mastra is typed against an earlier draft of this interface, and calls it just the same.
    model: openai('gpt-lab') as never,
    tools: {
      [name]: createTool({
        id: name,
        description,
        inputSchema: z.object({ step: z.number(), slot: z.number() }),
        execute: (place) => record(place),
      }),
    },
  })
  const options = { maxSteps: job.work.rounds + 5 }
  if (job.cell.reply === 'whole') return (await agent.generate(question, options)).text
  const result = await agent.stream(question, options)
  for await (const _ of result.textStream);
  return await result.text
}
