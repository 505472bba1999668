// A plain loop around Anthropic's Messages.
import Anthropic from '@anthropic-ai/sdk'
import { tool } from 'holdfast'
import type { ToolPlace } from '../truth.ts'
import { instructions, question, recordTool } from './agent.ts'
import type { PlayAgent } from './agent.ts'

export const play: PlayAgent = async ({ job, record }) => {
  const client = new Anthropic({ apiKey: 'sk-lab', baseURL: job.providerUrl })
  const recordOnce = tool({ name: recordTool.name }, record)
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: question }]
  const { name, description, parameters } = recordTool
  for (;;) {
    const request = {
      model: 'claude-lab',
      max_tokens: 1_000,
      system: job.instructions ?? instructions,
      messages,
      tools: [{ name, description, input_schema: { ...parameters, required: ['step', 'slot'] } }],
    }
    const message =
      job.cell.reply === 'stream'
        ? await client.messages.stream(request).finalMessage()
        : await client.messages.create(request)
    messages.push({ role: 'assistant', content: message.content })
    const calls = message.content.filter((block) => block.type === 'tool_use')
    if (calls.length === 0) {
      return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
    }
    const results = await Promise.all(
      calls.map(async ({ id, input }) => ({
        type: 'tool_result' as const,
        tool_use_id: id,
        content: await recordOnce(input as ToolPlace),
      })),
    )
    messages.push({ role: 'user', content: results })
  }
}
