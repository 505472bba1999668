// A travel desk written with LangGraph.js. It gets one message, answers it and ends: it remembers nothing by itself.
import { ChatAnthropic } from '@langchain/anthropic'
import { tool } from '@langchain/core/tools'
import { MessagesAnnotation, StateGraph } from '@langchain/langgraph'
import { ToolNode, toolsCondition } from '@langchain/langgraph/prebuilt'
import { z } from 'zod'

const bookFlight = tool(({ to, seat }) => `OS 456 to ${to}, ${seat}: booked`, {
  name: 'book_flight',
  description: 'Books a flight.',
  schema: z.object({ to: z.string(), seat: z.string() }),
})

const model = new ChatAnthropic({ model: 'claude-haiku-4-5' }).bindTools([bookFlight])

const graph = new StateGraph(MessagesAnnotation)
  .addNode('model', async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
  .addNode('tools', new ToolNode([bookFlight]))
  .addEdge('__start__', 'model')
  .addConditionalEdges('model', toolsCondition)
  .addEdge('tools', 'model')
  .compile()

const message = process.argv[2] ?? ''
const { messages } = await graph.invoke({ messages: [{ role: 'user', content: message }] })
console.log(messages.at(-1)?.text)
