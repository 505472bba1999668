import { ChatAnthropic } from '@langchain/anthropic'
import { ChatGoogleGenerativeAI } from '@langchain/google-genai'
import type { AIMessageChunk } from '@langchain/core/messages'
import { ChatOpenAI } from '@langchain/openai'
import type { Client, Question } from './client.ts'
import { models, prompt, searchTool } from './client.ts'
import { stainlessError } from './stainless.ts'

/** LangChain's chat models, each with the SDK that it brings along. */
export const langchain: Client = {
  name: 'langchain',
  wires: ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'],
  // It throws the errors of the SDKs below; each brings its own copy, so their class names are what counts.
  statusError: (status, wire) =>
    wire === 'gemini' ? 'GoogleGenerativeAIFetchError' : stainlessError(status),
  lostConnection: ['APIConnectionError'],
  timeout: ['APIConnectionTimeoutError', 'TimeoutError'],
  errorClasses: [],
  // @google/generative-ai 0.24.1 drops the error that broke the stream.
  saysOfBrokenStreams: { gemini: 'Error reading from the stream' },
  async ask(question, said) {
    const { signal, stream } = question
    const chat = modelOf[question.wire](question)
    let whole: AIMessageChunk | undefined
    if (stream) {
      for await (const chunk of await chat.stream(prompt, { signal })) {
        said.text += chunk.text
        whole = whole === undefined ? chunk : whole.concat(chunk)
      }
    } else {
      whole = await chat.invoke(prompt, { signal })
      said.text = whole.text
    }
    for (const { name, args } of whole?.tool_calls ?? []) {
      said.toolCalls.push({ name, arguments: args })
    }
    const facts = whole?.response_metadata ?? {}
    for (const key of ['finish_reason', 'stop_reason', 'finishReason', 'status']) {
      const value: unknown = facts[key] ?? whole?.additional_kwargs[key]
      if (typeof value === 'string') said.finish ??= value
    }
  },
}

const modelOf = {
  'openai-chat': (question: Question) => openaiModel(question),
  'openai-responses': (question: Question) => openaiModel(question),
  'anthropic-messages'({ baseUrl, tools }: Question) {
    const chat = new ChatAnthropic({
      model: models['anthropic-messages'],
      apiKey: 'sk-ant-faults',
      anthropicApiUrl: baseUrl,
    })
    const { name, description, parameters } = searchTool
    const input_schema = { ...parameters, required: [...parameters.required] }
    return tools ? chat.bindTools([{ name, description, input_schema }]) : chat
  },
  gemini({ baseUrl, tools }: Question) {
    const chat = new ChatGoogleGenerativeAI({ model: models.gemini, apiKey: 'faults', baseUrl })
    return tools ? chat.bindTools([{ type: 'function', function: searchTool }]) : chat
  },
}

function openaiModel({ wire, baseUrl, tools }: Question) {
  const chat = new ChatOpenAI({
    model: models[wire],
    apiKey: 'sk-faults',
    useResponsesApi: wire === 'openai-responses',
    configuration: { baseURL: `${baseUrl}/v1` },
  })
  return tools ? chat.bindTools([{ type: 'function', function: searchTool }]) : chat
}
