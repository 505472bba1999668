import Anthropic from '@anthropic-ai/sdk'
import { type Content, type GenerateContentResponse, GoogleGenAI, type Part } from '@google/genai'
import type { Lab } from '@holdfast/lab'
import OpenAI from 'openai'

/** What came of a short conversation with one tool call in it. */
export interface Conversation {
  readonly called: readonly { readonly name: string; readonly arguments: unknown }[]
  readonly text: string
  readonly outputTokens: number | undefined
}

export interface AgentOptions {
  readonly lab: Lab
  readonly streaming: boolean
  /** @default 'How is the weather in Zürich?' */
  readonly question?: string
  /** After so many answers it ends, whatever the model says. @default none */
  readonly turns?: number
}

const usual = 'How is the weather in Zürich?'
const system = 'Use the tool.'
const description = 'Tells the weather.'
const parameters = {
  type: 'object' as const,
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}
const result = '22 degrees'

/** An agent for each format: it asks, runs the tool that the model calls, and asks again with the result. */
export const agents = {
  'openai-chat': chatAgent,
  'openai-responses': responsesAgent,
  'anthropic-messages': messagesAgent,
  gemini: geminiAgent,
} satisfies Record<string, (options: AgentOptions) => Promise<Conversation>>

async function chatAgent({
  lab,
  streaming,
  question = usual,
  turns = Infinity,
}: AgentOptions): Promise<Conversation> {
  const client = new OpenAI({ apiKey: 'none', baseURL: lab.baseUrls.openai, maxRetries: 0 })
  const messages: OpenAI.ChatCompletionMessageParam[] = [
    { role: 'system', content: system },
    { role: 'user', content: question },
  ]
  const ask = (): Promise<OpenAI.ChatCompletion> => {
    const body = {
      model: 'gpt-4.1',
      messages,
      tools: [
        { type: 'function' as const, function: { name: 'weather', description, parameters } },
      ],
    }
    return streaming
      ? client.chat.completions
          .stream({ ...body, stream_options: { include_usage: true } })
          .finalChatCompletion()
      : client.chat.completions.create(body)
  }
  const called: Conversation['called'][number][] = []
  for (let turn = 1; ; turn++) {
    const { choices, usage } = await ask()
    const message = choices[0]?.message
    if (message === undefined) throw new Error('no message')
    const calls = message.tool_calls ?? []
    messages.push(message)
    if (calls.length === 0 || turn === turns) {
      return { called, text: message.content ?? '', outputTokens: usage?.completion_tokens }
    }
    for (const call of calls) {
      if (call.type !== 'function') continue
      called.push({ name: call.function.name, arguments: JSON.parse(call.function.arguments) })
      messages.push({ role: 'tool', tool_call_id: call.id, content: result })
    }
  }
}

async function responsesAgent({
  lab,
  streaming,
  question = usual,
  turns = Infinity,
}: AgentOptions): Promise<Conversation> {
  const client = new OpenAI({ apiKey: 'none', baseURL: lab.baseUrls.openai, maxRetries: 0 })
  const input: OpenAI.Responses.ResponseInputItem[] = [{ role: 'user', content: question }]
  const ask = (): Promise<OpenAI.Responses.Response> => {
    const tool = {
      type: 'function' as const,
      name: 'weather',
      description,
      parameters,
      strict: false,
    }
    const body = { model: 'gpt-5', instructions: system, input, tools: [tool] }
    return streaming ? client.responses.stream(body).finalResponse() : client.responses.create(body)
  }
  const called: Conversation['called'][number][] = []
  for (let turn = 1; ; turn++) {
    const { output, output_text: text, usage } = await ask()
    input.push(...(output as OpenAI.Responses.ResponseInputItem[]))
    const calls = output.filter((item) => item.type === 'function_call')
    if (calls.length === 0 || turn === turns)
      return { called, text, outputTokens: usage?.output_tokens }
    for (const call of calls) {
      called.push({ name: call.name, arguments: JSON.parse(call.arguments) })
      input.push({ type: 'function_call_output', call_id: call.call_id, output: result })
    }
  }
}

async function messagesAgent({
  lab,
  streaming,
  question = usual,
  turns = Infinity,
}: AgentOptions): Promise<Conversation> {
  const client = new Anthropic({ apiKey: 'none', baseURL: lab.baseUrls.anthropic, maxRetries: 0 })
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: question }]
  const ask = (): Promise<Anthropic.Message> => {
    const tools = [{ name: 'weather', description, input_schema: parameters }]
    const body = { model: 'claude-sonnet-5', max_tokens: 500, system, messages, tools }
    return streaming ? client.messages.stream(body).finalMessage() : client.messages.create(body)
  }
  const called: Conversation['called'][number][] = []
  for (let turn = 1; ; turn++) {
    const { content, usage } = await ask()
    messages.push({ role: 'assistant', content })
    const calls = content.filter((block) => block.type === 'tool_use')
    if (calls.length === 0 || turn === turns) {
      const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('')
      return { called, text, outputTokens: usage.output_tokens }
    }
    for (const call of calls) called.push({ name: call.name, arguments: call.input })
    messages.push({
      role: 'user',
      content: calls.map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: result })),
    })
  }
}

async function geminiAgent({
  lab,
  streaming,
  question = usual,
  turns = Infinity,
}: AgentOptions): Promise<Conversation> {
  const httpOptions = { baseUrl: lab.baseUrls.gemini }
  const client = new GoogleGenAI({ apiKey: 'none', vertexai: false, httpOptions })
  const contents: Content[] = [{ role: 'user', parts: [{ text: question }] }]
  const ask = async (): Promise<{ parts: Part[]; tokens: number | undefined }> => {
    const tool = { name: 'weather', description, parametersJsonSchema: parameters }
    const config = { systemInstruction: system, tools: [{ functionDeclarations: [tool] }] }
    const body = { model: 'gemini-3-pro', contents, config }
    const answers: GenerateContentResponse[] = []
    if (streaming) {
      for await (const answer of await client.models.generateContentStream(body)) {
        answers.push(answer)
      }
    } else answers.push(await client.models.generateContent(body))
    return {
      parts: answers.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []),
      tokens: answers.at(-1)?.usageMetadata?.candidatesTokenCount,
    }
  }
  const called: Conversation['called'][number][] = []
  for (let turn = 1; ; turn++) {
    const { parts, tokens } = await ask()
    contents.push({ role: 'model', parts })
    const calls = parts.flatMap(({ functionCall }) => functionCall ?? [])
    if (calls.length === 0 || turn === turns) {
      const text = parts.map((part) => (part.thought ? '' : (part.text ?? ''))).join('')
      return { called, text, outputTokens: tokens }
    }
    for (const call of calls) called.push({ name: call.name ?? '', arguments: call.args })
    const responses = calls.map(({ id, name }) => ({
      functionResponse: { ...(id ? { id } : {}), name: name ?? '', response: { output: result } },
    }))
    contents.push({ role: 'user', parts: responses })
  }
}
