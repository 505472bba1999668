import {
  BedrockRuntimeClient,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import type { Lab } from '@holdfast/lab'
import { Mistral } from '@mistralai/mistralai'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { CohereClientV2 } from 'cohere-ai'
import { Ollama } from 'ollama'

/** What the lab answers. Not ASCII alone, so that bytes and characters differ. */
export const text = 'Every call ends: with the whole answer – “all of it”.'
export const words = 'Hello'
export const model = 'lab-model'

/** Asks by a provider's own SDK and gives back what it says. */
export type Ask = (lab: Lab, streaming: boolean) => Promise<string>

/** The AWS SDK over HTTP/1.1. */
export const bedrockClient = (lab: Lab, maxAttempts = 1): BedrockRuntimeClient =>
  new BedrockRuntimeClient({
    endpoint: lab.baseUrls.bedrock,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIALAB', secretAccessKey: 'secret' },
    maxAttempts,
    requestHandler: new NodeHttpHandler(),
  })

const bedrock: Ask = async (lab, streaming) => {
  const client = bedrockClient(lab)
  const question: ConverseCommandInput = {
    modelId: model,
    messages: [{ role: 'user', content: [{ text: words }] }],
  }
  if (!streaming) {
    const { output } = await client.send(new ConverseCommand(question))
    return output?.message?.content?.[0]?.text ?? ''
  }
  const { stream = [] } = await client.send(new ConverseStreamCommand(question))
  let said = ''
  for await (const { contentBlockDelta } of stream) said += contentBlockDelta?.delta?.text ?? ''
  return said
}

const invoke: Ask = async (lab, streaming) => {
  const client = bedrockClient(lab)
  const messages = [{ role: 'user', content: words }]
  const body = JSON.stringify({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 100,
    messages,
  })
  const jsonOf = (bytes: Uint8Array | undefined) => JSON.parse(new TextDecoder().decode(bytes))
  if (!streaming) {
    const answer = await client.send(new InvokeModelCommand({ modelId: model, body }))
    return jsonOf(answer.body).content[0].text
  }
  const { body: stream = [] } = await client.send(
    new InvokeModelWithResponseStreamCommand({ modelId: model, body }),
  )
  let said = ''
  for await (const { chunk } of stream) said += jsonOf(chunk?.bytes).delta?.text ?? ''
  return said
}

const cohere: Ask = async (lab, streaming) => {
  const client = new CohereClientV2({ token: 'none', baseUrl: lab.baseUrls.cohere, maxRetries: 0 })
  const question = { model, messages: [{ role: 'user' as const, content: words }] }
  if (!streaming) {
    const { message } = await client.chat(question)
    const [part] = message.content ?? []
    return part?.type === 'text' ? (part.text ?? '') : ''
  }
  let said = ''
  for await (const event of await client.chatStream(question)) {
    if (event.type === 'content-delta') said += event.delta?.message?.content?.text ?? ''
  }
  return said
}

const textOf = (content: unknown): string => (typeof content === 'string' ? content : '')

const mistral: Ask = async (lab, streaming) => {
  const client = new Mistral({
    apiKey: 'none',
    serverURL: lab.baseUrls.mistral,
    retryConfig: { strategy: 'none' },
  })
  const question = { model, messages: [{ role: 'user' as const, content: words }] }
  if (!streaming) {
    const { choices } = await client.chat.complete(question)
    return textOf(choices[0]?.message?.content)
  }
  let said = ''
  for await (const { data } of await client.chat.stream(question)) {
    said += textOf(data.choices[0]?.delta.content)
  }
  return said
}

const ollama: Ask = async (lab, streaming) => {
  const client = new Ollama({ host: lab.baseUrls.ollama })
  const question = { model, messages: [{ role: 'user', content: words }] }
  if (!streaming) return (await client.chat(question)).message.content
  let said = ''
  for await (const { message } of await client.chat({ ...question, stream: true })) {
    said += message.content
  }
  return said
}

const generate: Ask = async (lab, streaming) => {
  const client = new Ollama({ host: lab.baseUrls.ollama })
  const question = { model, prompt: words }
  if (!streaming) return (await client.generate({ ...question, stream: false })).response ?? ''
  let said = ''
  for await (const { response } of await client.generate({ ...question, stream: true })) {
    said += response ?? ''
  }
  return said
}

/** Every client, with the format that it speaks. */
export const clients: readonly (readonly [name: string, format: string, ask: Ask])[] = [
  ['@aws-sdk/client-bedrock-runtime, Converse', 'bedrock-converse', bedrock],
  ['@aws-sdk/client-bedrock-runtime, InvokeModel', 'bedrock-anthropic', invoke],
  ['cohere-ai', 'cohere-chat', cohere],
  ['@mistralai/mistralai', 'openai-chat', mistral],
  ['ollama, chat', 'ollama-chat', ollama],
  ['ollama, generate', 'ollama-chat', generate],
]
