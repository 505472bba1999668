import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { APICallError, generateText, jsonSchema, RetryError, streamText, tool } from 'ai'
import type { LanguageModel, ToolSet } from 'ai'
import type { Client, Wire } from './client.ts'
import { models, prompt, searchTool } from './client.ts'

/** The AI SDK with its own provider packages. */
export const aiSdk: Client = {
  name: 'ai-sdk',
  wires: ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'],
  statusError: () => 'APICallError',
  // It wraps what fetch throws where that says "fetch failed"; anything else it hands on.
  lostConnection: ['APICallError', 'RetryError', 'TypeError'],
  errorClasses: [RetryError, APICallError],
  async ask(question, said) {
    const call = {
      model: modelOf[question.wire](question.baseUrl),
      prompt,
      abortSignal: question.signal,
      tools: question.tools ? tools : {},
    }
    if (!question.stream) {
      const result = await generateText(call)
      said.text = result.text
      said.finish = result.finishReason
      for (const { toolName, input, invalid } of result.toolCalls) {
        if (invalid !== true) said.toolCalls.push({ name: toolName, arguments: input })
      }
      return
    }
    // Errors are parts of the stream: textStream alone would end short without a word. What is told first counts.
    let failure: unknown
    try {
      for await (const part of streamText({ ...call, onError: () => {} }).stream) {
        if (part.type === 'error') failure ??= part.error
        else if (part.type === 'text-delta') said.text += part.text
        else if (part.type === 'finish') said.finish = part.finishReason
        else if (part.type === 'tool-call' && part.invalid !== true) {
          said.toolCalls.push({ name: part.toolName, arguments: part.input })
        }
      }
    } catch (error) {
      failure ??= error
    }
    if (failure !== undefined) throw failure
  },
}

const { description, parameters } = searchTool
const tools: ToolSet = {
  search: tool({
    description,
    inputSchema: jsonSchema<{ query: string; limit?: number }>({
      ...parameters,
      required: [...parameters.required],
    }),
  }),
}

const apiKey = 'sk-faults'

const modelOf: Readonly<Record<Wire, (baseUrl: string) => LanguageModel>> = {
  'openai-chat': (baseUrl) =>
    createOpenAI({ apiKey, baseURL: `${baseUrl}/v1` }).chat(models['openai-chat']),
  'openai-responses': (baseUrl) =>
    createOpenAI({ apiKey, baseURL: `${baseUrl}/v1` }).responses(models['openai-responses']),
  'anthropic-messages': (baseUrl) =>
    createAnthropic({ apiKey, baseURL: `${baseUrl}/v1` })(models['anthropic-messages']),
  gemini: (baseUrl) =>
    createGoogleGenerativeAI({ apiKey, baseURL: `${baseUrl}/v1beta` })(models.gemini),
}
