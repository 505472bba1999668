// An order desk written with LangGraph.js: a graph of a Claude model and one tool, streamed to the terminal.
import { ChatAnthropic } from '@langchain/anthropic'
import { tool } from '@langchain/core/tools'
import { MessagesAnnotation, StateGraph } from '@langchain/langgraph'
import { ToolNode, toolsCondition } from '@langchain/langgraph/prebuilt'
import { z } from 'zod'

const trackOrder = tool(
  ({ orderId }) => `${orderId}: left Rotterdam on Monday, arrives in Vienna on Thursday by 14:00`,
  {
    name: 'track_order',
    description: 'Says where an order is and when it arrives.',
    schema: z.object({ orderId: z.string() }),
  },
)

const model = new ChatAnthropic({
  model: process.env['ANTHROPIC_MODEL'] ?? 'claude-haiku-4-5',
  streaming: true,
}).bindTools([trackOrder])

const graph = new StateGraph(MessagesAnnotation)
  .addNode('model', async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
  .addNode('tools', new ToolNode([trackOrder]))
  .addEdge('__start__', 'model')
  .addConditionalEdges('model', toolsCondition)
  .addEdge('tools', 'model')
  .compile()

const question = 'Where is order A-1042, and when will it be in Vienna?'
const stream = await graph.stream(
  { messages: [{ role: 'user', content: question }] },
  { streamMode: 'messages', configurable: { thread_id: 'customer-17' } },
)
for await (const [chunk] of stream) {
  if (chunk.type === 'ai') process.stdout.write(chunk.text)
}
process.stdout.write('\n')
