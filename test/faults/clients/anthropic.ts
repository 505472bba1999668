import Anthropic, { AnthropicError } from '@anthropic-ai/sdk'
import type { Client, Said } from './client.ts'
import { models, prompt, searchTool } from './client.ts'
import { stainless } from './stainless.ts'

/** The @anthropic-ai/sdk package. */
export const anthropic: Client = {
  name: 'anthropic',
  wires: ['anthropic-messages'],
  ...stainless(Anthropic, AnthropicError),
  async ask({ baseUrl, stream, tools, signal }, said) {
    const client = new Anthropic({ apiKey: 'sk-ant-faults', baseURL: baseUrl })
    const { name, description, parameters } = searchTool
    const body: Anthropic.MessageCreateParamsNonStreaming = {
      model: models['anthropic-messages'],
      max_tokens: 1024,
      messages: [{ role: 'user', content: prompt }],
      ...(tools
        ? {
            tools: [
              {
                name,
                description,
                input_schema: { ...parameters, required: [...parameters.required] },
              },
            ],
          }
        : {}),
    }
    if (stream)
      await readStream(await client.messages.create({ ...body, stream: true }, { signal }), said)
    else readMessage(await client.messages.create(body, { signal }), said)
  },
}

// The types promise content; a web page or an empty body arrives here as a string or undefined.
function readMessage(message: Partial<Anthropic.Message> | undefined, said: Said): void {
  for (const block of message?.content ?? []) {
    if (block.type === 'text') said.text += block.text
    if (block.type === 'tool_use') said.toolCalls.push({ name: block.name, arguments: block.input })
  }
  said.finish = message?.stop_reason ?? undefined
}

async function readStream(
  events: AsyncIterable<Anthropic.MessageStreamEvent>,
  said: Said,
): Promise<void> {
  const calls = new Map<number, { name: string; arguments: string }>()
  for await (const event of events) {
    switch (event.type) {
      case 'content_block_start':
        if (event.content_block.type === 'tool_use') {
          calls.set(event.index, { name: event.content_block.name, arguments: '' })
        }
        break
      case 'content_block_delta': {
        if (event.delta.type === 'text_delta') said.text += event.delta.text
        const call = calls.get(event.index)
        if (event.delta.type === 'input_json_delta' && call !== undefined) {
          call.arguments += event.delta.partial_json
        }
        break
      }
      case 'message_delta':
        said.finish = event.delta.stop_reason ?? undefined
        break
      default:
    }
  }
  said.toolCalls.push(...calls.values())
}
