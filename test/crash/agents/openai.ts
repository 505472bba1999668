// A plain loop around OpenAI's Chat Completions.
import { tool } from 'holdfast'
import OpenAI from 'openai'
import type { ToolPlace } from '../truth.ts'
import { instructions, question, recordTool } from './agent.ts'
import type { PlayAgent } from './agent.ts'

export const play: PlayAgent = async ({ job, record }) => {
  const client = new OpenAI({ apiKey: 'sk-lab', baseURL: `${job.providerUrl}/v1` })
  const recordOnce = tool({ name: recordTool.name }, record)
  const { toolDescription: description = recordTool.description } = job
  const messages: OpenAI.ChatCompletionMessageParam[] = [
    { role: 'system', content: job.instructions ?? instructions },
    { role: 'user', content: question },
  ]
  for (;;) {
    const request = {
      model: 'gpt-lab',
      messages,
      tools: [{ type: 'function' as const, function: { ...recordTool, description } }],
    }
    const message =
      job.cell.reply === 'stream'
        ? await client.chat.completions.stream(request).finalMessage()
        : (await client.chat.completions.create(request)).choices[0]?.message
    if (message === undefined) throw new Error('the model said nothing')
    messages.push(message)
    const calls = message.tool_calls ?? []
    if (calls.length === 0) return message.content ?? ''
    const results = await Promise.all(
      calls.map(async (call) => ({
        role: 'tool' as const,
        tool_call_id: call.id,
        content:
          call.type === 'function'
            ? await recordOnce(JSON.parse(call.function.arguments) as ToolPlace)
            : 'no such tool',
      })),
    )
    messages.push(...results)
  }
}
