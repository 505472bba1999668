// The shop's MCP server: one tool.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import * as z from 'zod'

const orders: Record<string, object> = {
  1042: { state: 'on its way', arrives: 'Friday' },
  1043: { state: 'waiting for payment' },
}

const server = new McpServer({ name: 'shop', version: '1.0.0' })
server.registerTool(
  'look_up_order',
  {
    description: 'Looks up where an order is.',
    inputSchema: { order: z.string().describe('the number of the order') },
  },
  ({ order }) => {
    const found = orders[order]
    return found === undefined
      ? { content: [{ type: 'text', text: `there is no order ${order}` }], isError: true }
      : { content: [{ type: 'text', text: JSON.stringify(found) }] }
  },
)
await server.connect(new StdioServerTransport())
