// The AI SDK's own loop, on the Responses API.
import { createOpenAI } from '@ai-sdk/openai'
import { generateText, stepCountIs, streamText, tool } from 'ai'
import { z } from 'zod'
import { instructions, question, recordTool } from './agent.ts'
import type { PlayAgent } from './agent.ts'

export const play: PlayAgent = async ({ job, record }) => {
  const { name, description } = recordTool
  const openai = createOpenAI({ apiKey: 'sk-lab', baseURL: `${job.providerUrl}/v1` })
  const request = {
    model: openai('gpt-lab'),
    system: job.instructions ?? instructions,
    prompt: question,
    stopWhen: stepCountIs(job.work.rounds + 5),
    tools: {
      [name]: tool({
        description,
        inputSchema: z.object({ step: z.number(), slot: z.number() }),
        execute: record,
      }),
    },
  }
  if (job.cell.reply === 'whole') return (await generateText(request)).text
  const result = streamText(request)
  await result.consumeStream()
  return await result.text
}
