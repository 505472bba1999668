import type { Lab } from '@holdfast/lab'

/** Where the lab listens, for each kind of client. */
export type LabUrls = Lab['baseUrls']

/** What a client's package exports. */
type Exports = Readonly<Record<string, unknown>>

/** Makes one model call with a package, as an application would. */
type Ask = (exports: Exports, urls: LabUrls) => unknown

// What is called here is what these packages export, read from them (openai 7.55, @anthropic-ai/sdk 1.11,
// @google/genai 3.1, @ai-sdk/* 4.0, @langchain/* 1.5, @aws-sdk 3.1162; 2026-11-21).
type Made<Client> = new (options: object) => Client
const apiKey = 'holdfast-doctor'
const text = 'Are you there?'
const messages = [{ role: 'user', content: text }]

/** The clients of model providers that the doctor can make a call with. */
export const providerClients: Readonly<Record<string, Ask>> = {
  openai({ OpenAI }, { openai: baseURL }) {
    const client = new (OpenAI as Made<{
      chat: { completions: { create(body: object): Promise<unknown> } }
    }>)({ apiKey, baseURL, maxRetries: 0 })
    return client.chat.completions.create({ model: 'gpt-4o-mini', messages })
  },
  '@anthropic-ai/sdk'({ Anthropic }, { anthropic: baseURL }) {
    const client = new (Anthropic as Made<{
      messages: { create(body: object): Promise<unknown> }
    }>)({ apiKey, baseURL, maxRetries: 0 })
    return client.messages.create({ model: 'claude-haiku-4-5', max_tokens: 16, messages })
  },
  '@google/genai'({ GoogleGenAI }, { gemini: baseUrl }) {
    const client = new (GoogleGenAI as Made<{
      models: { generateContent(body: object): Promise<unknown> }
    }>)({ apiKey, httpOptions: { baseUrl } })
    return client.models.generateContent({ model: 'gemini-2.5-flash', contents: text })
  },
  '@ai-sdk/openai': ({ createOpenAI }, { openai: baseURL }) =>
    askAiSdk(createOpenAI, { apiKey, baseURL }, 'gpt-4o-mini'),
  '@ai-sdk/anthropic': ({ createAnthropic }, { anthropic }) =>
    askAiSdk(createAnthropic, { apiKey, baseURL: `${anthropic}/v1` }, 'claude-haiku-4-5'),
  '@ai-sdk/google': ({ createGoogleGenerativeAI }, { gemini }) =>
    askAiSdk(createGoogleGenerativeAI, { apiKey, baseURL: `${gemini}/v1beta` }, 'gemini-2.5-flash'),
  '@langchain/openai': ({ ChatOpenAI }, { openai: baseURL }) =>
    askLangChain(ChatOpenAI, { model: 'gpt-4o-mini', apiKey, configuration: { baseURL } }),
  '@langchain/anthropic': ({ ChatAnthropic }, { anthropic: anthropicApiUrl }) =>
    askLangChain(ChatAnthropic, { model: 'claude-haiku-4-5', apiKey, anthropicApiUrl }),
  '@aws-sdk/client-bedrock-runtime'({ BedrockRuntimeClient, ConverseCommand }, { bedrock }) {
    const client = new (BedrockRuntimeClient as Made<{ send(command: object): Promise<unknown> }>)({
      endpoint: bedrock,
      region: 'us-east-1',
      maxAttempts: 1,
      credentials: { accessKeyId: apiKey, secretAccessKey: apiKey },
    })
    const asked = {
      modelId: 'anthropic.claude-haiku-4-5',
      messages: [{ role: 'user', content: [{ text }] }],
    }
    return client.send(new (ConverseCommand as Made<object>)(asked))
  },
}

function askAiSdk(create: unknown, options: object, model: string): unknown {
  const provider = (
    create as (options: object) => {
      (model: string): { doGenerate(asked: object): Promise<unknown> }
    }
  )(options)
  return provider(model).doGenerate({
    prompt: [{ role: 'user', content: [{ type: 'text', text }] }],
  })
}

function askLangChain(Chat: unknown, options: object): unknown {
  const model = new (Chat as Made<{ invoke(text: string): Promise<unknown> }>)({
    ...options,
    maxRetries: 0,
  })
  return model.invoke(text)
}
