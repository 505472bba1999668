// A plain loop around OpenAI's Chat Completions whose tool is that of an MCP server.
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import OpenAI from 'openai'
import { z } from 'zod'
import type { ToolPlace } from '../truth.ts'
import { instructions, question, recordTool } from './agent.ts'
import type { AgentStart, PlayAgent } from './agent.ts'

export const play: PlayAgent = async ({ job, record }) => {
  const client = new OpenAI({ apiKey: 'sk-lab', baseURL: `${job.providerUrl}/v1` })
  const server = await connect(record)
  const tools = (await server.listTools()).tools.map(({ name, description, inputSchema }) => ({
    type: 'function' as const,
    function: { name, description: description ?? name, parameters: inputSchema },
  }))
  const messages: OpenAI.ChatCompletionMessageParam[] = [
    { role: 'system', content: job.instructions ?? instructions },
    { role: 'user', content: question },
  ]
  for (;;) {
    const request = { model: 'gpt-lab', messages, tools }
    const message =
      job.cell.reply === 'stream'
        ? await client.chat.completions.stream(request).finalMessage()
        : (await client.chat.completions.create(request)).choices[0]?.message
    if (message === undefined) throw new Error('the model said nothing')
    messages.push(message)
    const calls = (message.tool_calls ?? []).filter((call) => call.type === 'function')
    if (calls.length === 0) return message.content ?? ''
    const results = await Promise.all(
      calls.map(async ({ id, function: { name, arguments: given } }) => {
        const { content } = await server.callTool({
          name,
          arguments: JSON.parse(given) as Record<string, number>,
        })
        return { role: 'tool' as const, tool_call_id: id, content: JSON.stringify(content) }
      }),
    )
    messages.push(...results)
  }
}

/** A client of a server in this process. */
async function connect(record: AgentStart['record']): Promise<Client> {
  const server = new McpServer({ name: 'records', version: '1.0.0' })
  const { name, description } = recordTool
  const inputSchema = { step: z.number(), slot: z.number() }
  server.registerTool(name, { description, inputSchema }, async (place: ToolPlace) => ({
    content: [{ type: 'text' as const, text: await record(place) }],
  }))
  const [near, far] = InMemoryTransport.createLinkedPair()
  await server.connect(far)
  const client = new Client({ name: 'recorder', version: '1.0.0' })
  await client.connect(near)
  return client
}
