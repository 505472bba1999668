// A support agent on Amazon Bedrock. The SDK runs no tools, so the loop is the agent's own.
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime'
import type { Message } from '@aws-sdk/client-bedrock-runtime'
import { run, tool } from 'holdfast'

const orders: Record<string, object> = {
  1042: { state: 'on its way', arrives: 'Friday' },
  1043: { state: 'waiting for payment' },
}

const lookUpOrder = tool({ name: 'look_up_order' }, ({ order }: { order: string }) =>
  JSON.stringify(orders[order] ?? { error: `there is no order ${order}` }),
)
const toolSpec = {
  name: 'look_up_order',
  description: 'Looks up where an order is.',
  inputSchema: {
    json: { type: 'object', properties: { order: { type: 'string' } }, required: ['order'] },
  },
}

const client = new BedrockRuntimeClient()

async function answer(question: string): Promise<string> {
  const messages: Message[] = [{ role: 'user', content: [{ text: question }] }]
  for (;;) {
    const { output } = await client.send(
      new ConverseCommand({
        modelId: process.env['MODEL'] ?? 'eu.amazon.nova-lite-v1:0',
        system: [{ text: 'You answer the customers of a shop. Look orders up first.' }],
        messages,
        toolConfig: { tools: [{ toolSpec }] },
      }),
    )
    const said = output?.message?.content ?? []
    const results = said.flatMap(({ toolUse }) => (toolUse === undefined ? [] : [toolUse]))
    if (results.length === 0) return said.map(({ text = '' }) => text).join('')
    const found = results.map(async ({ toolUseId, input }) => ({
      toolResult: { toolUseId, content: [{ text: await lookUpOrder(input as { order: string }) }] },
    }))
    messages.push(
      { role: 'assistant', content: said },
      { role: 'user', content: await Promise.all(found) },
    )
  }
}

const question = process.argv[2] ?? 'Where is order 1042?'
console.log(await run({ user: 'ada', agent: 'support' }, () => answer(question)))
