// A support agent whose tools are those of an MCP server that it launches.
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import OpenAI from 'openai'

const shop = new Client({ name: 'support', version: '1.0.0' })
await shop.connect(new StdioClientTransport({ command: 'node', args: ['shop.ts'] }))
const { tools } = await shop.listTools()

const question = process.argv[2] ?? 'Where is order 1042?'
const runner = new OpenAI().chat.completions.runTools({
  model: process.env['MODEL'] ?? 'gpt-6-mini',
  messages: [
    { role: 'system', content: 'You answer the customers of a shop. Look orders up first.' },
    { role: 'user', content: question },
  ],
  tools: tools.map(({ name, description = '', inputSchema }) => ({
    type: 'function' as const,
    function: {
      name,
      description,
      parameters: inputSchema,
      parse: (text: string) => JSON.parse(text) as Record<string, unknown>,
      function: async (args: Record<string, unknown>) => {
        const { content } = await shop.callTool({ name, arguments: args })
        return JSON.stringify(content)
      },
    },
  })),
})
console.log(await runner.finalContent())
await shop.close()
