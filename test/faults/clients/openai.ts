import OpenAI, { OpenAIError } from 'openai'
import type { Client, Question, Said } from './client.ts'
import { models, prompt, searchTool } from './client.ts'
import { stainless } from './stainless.ts'

/** The openai package, for both of its wires. */
export const openai: Client = {
  name: 'openai',
  wires: ['openai-chat', 'openai-responses'],
  ...stainless(OpenAI, OpenAIError),
  async ask(question, said) {
    const client = new OpenAI({ apiKey: 'sk-faults', baseURL: `${question.baseUrl}/v1` })
    if (question.wire === 'openai-chat') await chat(client, question, said)
    else await responses(client, question, said)
  },
}

async function chat(
  client: OpenAI,
  { stream, tools, signal }: Question,
  said: Said,
): Promise<void> {
  const body: OpenAI.ChatCompletionCreateParamsNonStreaming = {
    model: models['openai-chat'],
    messages: [{ role: 'user', content: prompt }],
    ...(tools ? { tools: [{ type: 'function', function: searchTool }] } : {}),
  }
  if (!stream) {
    const completion = await client.chat.completions.create(body, { signal })
    // The types promise choices; a web page or an empty body arrives here as a string or undefined.
    const choice = (completion as typeof completion | undefined)?.choices?.[0]
    said.text = choice?.message.content ?? ''
    said.finish = choice?.finish_reason
    for (const call of choice?.message.tool_calls ?? []) {
      if (call.type === 'function') said.toolCalls.push(call.function)
    }
    return
  }
  const calls: { name: string; arguments: string }[] = []
  const chunks = await client.chat.completions.create({ ...body, stream: true }, { signal })
  for await (const chunk of chunks) {
    const choice = chunk.choices[0]
    said.text += choice?.delta.content ?? ''
    said.finish = choice?.finish_reason ?? said.finish
    for (const delta of choice?.delta.tool_calls ?? []) {
      const call = (calls[delta.index] ??= { name: '', arguments: '' })
      call.name += delta.function?.name ?? ''
      call.arguments += delta.function?.arguments ?? ''
    }
  }
  said.toolCalls.push(...calls)
}

async function responses(
  client: OpenAI,
  { stream, tools, signal }: Question,
  said: Said,
): Promise<void> {
  const body: OpenAI.Responses.ResponseCreateParamsNonStreaming = {
    model: models['openai-responses'],
    input: prompt,
    ...(tools ? { tools: [{ type: 'function', strict: false, ...searchTool }] } : {}),
  }
  if (!stream) {
    finish(await client.responses.create(body, { signal }), said)
    return
  }
  for await (const event of await client.responses.create({ ...body, stream: true }, { signal })) {
    switch (event.type) {
      case 'response.output_text.delta':
        said.text += event.delta
        break
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
        finish(event.response, said)
        break
      case 'error':
        // The SDK hands this event over like any other; an application has to look.
        throw new Error(`the stream says: ${event.message}`)
    }
  }
}

function finish(response: OpenAI.Responses.Response | undefined, said: Said): void {
  if (response?.error) throw new Error(`the response failed: ${response.error.message}`)
  if (response?.output_text) said.text = response.output_text
  said.finish = response?.incomplete_details?.reason ?? response?.status
  for (const item of response?.output ?? []) {
    if (item.type === 'function_call') said.toolCalls.push(item)
  }
}
