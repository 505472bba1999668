// The tool runner of the OpenAI SDK, on Chat Completions.
import OpenAI from 'openai'
import type { ToolPlace } from '../truth.ts'
import { instructions, question, recordTool } from './agent.ts'
import type { PlayAgent } from './agent.ts'

export const play: PlayAgent = async ({ job, record }) => {
  const client = new OpenAI({ apiKey: 'sk-lab', baseURL: `${job.providerUrl}/v1` })
  const { name, description, parameters } = recordTool
  const request = {
    model: 'gpt-lab',
    messages: [
      { role: 'system' as const, content: job.instructions ?? instructions },
      { role: 'user' as const, content: question },
    ],
    tools: [
      {
        type: 'function' as const,
        function: {
          name,
          description,
          parameters: { ...parameters, required: ['step', 'slot'] },
          parse: (text: string) => JSON.parse(text) as ToolPlace,
          function: record,
        },
      },
    ],
  }
  const options = { maxChatCompletions: job.work.rounds + 5 }
  const runner =
    job.cell.reply === 'stream'
      ? client.chat.completions.runTools({ ...request, stream: true }, options)
      : client.chat.completions.runTools(request, options)
  return (await runner.finalContent()) ?? ''
}
