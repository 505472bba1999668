// A support agent on @google/genai, which calls functions by itself.
import { GoogleGenAI } from '@google/genai'
import type { CallableTool } from '@google/genai'
import { run } from 'holdfast'

const orders: Record<string, object> = {
  1042: { state: 'on its way', arrives: 'Friday' },
  1043: { state: 'waiting for payment' },
}

const shop: CallableTool = {
  tool: async () => ({
    functionDeclarations: [
      {
        name: 'look_up_order',
        description: 'Looks up where an order is.',
        parametersJsonSchema: {
          type: 'object',
          properties: { order: { type: 'string', description: 'the number of the order' } },
          required: ['order'],
        },
      },
    ],
  }),
  callTool: async (calls) =>
    calls.map(({ id, name = '', args }) => {
      const order = String(args?.['order'])
      const output = orders[order] ?? { error: `there is no order ${order}` }
      return { functionResponse: { ...(id && { id }), name, response: { output } } }
    }),
}

const question = process.argv[2] ?? 'Where is order 1042?'
const ai = new GoogleGenAI({})

// The SDK knows no sessions and no users, so the run says whose it is.
const answer = await run({ session: 'question 1', user: 'ada', agent: 'support' }, () =>
  ai.models.generateContent({
    model: process.env['MODEL'] ?? 'gemini-3.8-flash',
    contents: question,
    config: {
      systemInstruction: 'You answer the customers of a shop. Look orders up first.',
      tools: [shop],
    },
  }),
)
console.log(answer.text)
