// The tool runner of the Anthropic SDK.
import Anthropic from '@anthropic-ai/sdk'
import type { ToolPlace } from '../truth.ts'
import { instructions, question, recordTool } from './agent.ts'
import type { PlayAgent } from './agent.ts'

export const play: PlayAgent = async ({ job, record }) => {
  const client = new Anthropic({ apiKey: 'sk-lab', baseURL: job.providerUrl })
  const { name, description, parameters } = recordTool
  const request = {
    model: 'claude-lab',
    max_tokens: 1_000,
    max_iterations: job.work.rounds + 5,
    // The provider tells a step by the whole conversation; a thread that the server keeps sends what is new.
    thread: false as const,
    system: job.instructions ?? instructions,
    messages: [{ role: 'user' as const, content: question }],
    tools: [
      {
        type: 'custom' as const,
        name,
        description,
        input_schema: { ...parameters, required: ['step', 'slot'] },
        parse: (input: unknown) => input as ToolPlace,
        run: record,
      },
    ],
  }
  const message =
    job.cell.reply === 'stream'
      ? await client.beta.messages.toolRunner({ ...request, stream: true })
      : await client.beta.messages.toolRunner(request)
  return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
}
