// An agent workflow of LlamaIndex. It asks for every reply as a stream, and runs the calls of a round one after the other.
import { OpenAI } from '@llamaindex/openai'
import { agent as workflowOf } from '@llamaindex/workflow'
import { tool } from 'llamaindex'
import { z } from 'zod'
import { instructions, question, recordTool } from './agent.ts'
import type { PlayAgent } from './agent.ts'

export const play: PlayAgent = async ({ job, record }) => {
  const agent = workflowOf({
    name: 'Recorder',
    systemPrompt: job.instructions ?? instructions,
    llm: new OpenAI({
      model: 'gpt-4o-mini',
      apiKey: 'sk-lab',
      baseURL: `${job.providerUrl}/v1`,
    }),
    tools: [
      tool({
        name: recordTool.name,
        description: recordTool.description,
        parameters: z.object({ step: z.number(), slot: z.number() }),
        execute: (place) => record(place),
      }),
    ],
  })
  const { result } = (await agent.run(question)).data
  if (typeof result !== 'string') throw new Error('the agent said nothing')
  return result
}
