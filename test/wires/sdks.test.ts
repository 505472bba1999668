import {
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  BedrockRuntimeClient,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { badDay, startLab } from '@holdfast/lab'
import type { FaultName, Lab, Step } from '@holdfast/lab'
import { Mistral } from '@mistralai/mistralai'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { CohereClientV2 } from 'cohere-ai'
import { instrument, run } from 'holdfast'
import type { CallEvent, Holdfast, HoldfastOptions } from 'holdfast'
import { Ollama } from 'ollama'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

const text = 'Every call ends: with the whole answer – “all of it”.'
const step: Step = { text, usage: { inputTokens: 21, outputTokens: 13 } }
const words = 'Hello'
const model = 'lab-model'

type RunSummary = Parameters<Extract<HoldfastOptions['runLog'], (summary: never) => unknown>>[0]

/** Asks by a provider's own SDK and gives back what it says. */
type Ask = (lab: Lab, streaming: boolean) => Promise<string>

const bedrockClient = (lab: Lab, maxAttempts = 1): BedrockRuntimeClient =>
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

const clients: readonly (readonly [name: string, format: string, ask: Ask])[] = [
  ['@aws-sdk/client-bedrock-runtime, Converse', 'bedrock-converse', bedrock],
  ['@aws-sdk/client-bedrock-runtime, InvokeModel', 'bedrock-invoke', invoke],
  ['cohere-ai', 'cohere-chat', cohere],
  ['@mistralai/mistralai', 'openai-chat', mistral],
  ['ollama, chat', 'ollama-chat', ollama],
  ['ollama, generate', 'ollama-chat', generate],
]

let lab: Lab
let holdfast: Holdfast
let events: CallEvent[]
let summaries: RunSummary[]
beforeAll(async () => {
  lab = await startLab()
})
afterAll(() => lab.close())
beforeEach(() => {
  events = []
  summaries = []
  holdfast = instrument({
    telemetry: { export: false },
    reliability: {
      retry: { maxAttempts: 4, baseDelayMs: 1, overloadedBaseDelayMs: 1, maxBackoffMs: 5 },
      timeout: { headersMs: 300, firstContentMs: 300, betweenContentMs: 300 },
      circuitBreaker: false,
    },
    runLog: (summary) => void summaries.push(summary),
  })
  holdfast.on((event) => events.push(event))
})
afterEach(() => holdfast.uninstrument())

describe.for(clients)('%s', ([, format, ask]) => {
  test.for([
    ['whole', false],
    ['streamed', true],
  ] as const)('is caught once, and reads the answer, %s', async ([, streaming]) => {
    lab.reset(step)
    expect(await run({ id: 'run-1' }, () => ask(lab, streaming))).toBe(text)
    expect(holdfast.report()).toMatchObject({ caught: [{ format, calls: 1 }], bugs: [] })
    await holdfast.uninstrument()
    // The lab counts chat's streams only where it is asked to, which Mistral's SDK has no need of.
    const tokens = { input: 21, output: 13 }
    const uncounted = streaming && format === 'openai-chat'
    expect(summaries).toMatchObject([{ calls: 1, attempts: 1, ...(uncounted ? {} : { tokens }) }])
  })

  test.for([
    ['whole', false],
    ['streamed', true],
  ] as const)('gets over a bad day, %s', async ([, streaming]) => {
    lab.reset(badDay(7, { rate: 0.6, maxInARow: 3, retryAfterMs: 1, script: step }))
    for (let round = 0; round < 6; round++) expect(await ask(lab, streaming)).toBe(text)
    expect(lab.requests.length).toBeGreaterThan(6)
    expect(events.some(({ type }) => type === 'attempt-failed')).toBe(true)
    expect(holdfast.report().bugs).toEqual([])
  })

  test.for([
    'end-without-terminal',
    'end-after-content',
    'cut-mid-line',
    'reset-mid-stream',
  ] as const)(
    'a stream that breaks off (%s) is an error, never a short answer',
    async (fault: FaultName) => {
      lab.reset({ ...step, fault })
      await expect(ask(lab, true)).rejects.toThrow()
    },
  )
})

describe('one layer alone retries', () => {
  const retrying: readonly (readonly [name: string, ask: () => Promise<unknown>])[] = [
    [
      'the AWS SDK',
      () => {
        const messages = [{ role: 'user' as const, content: [{ text: words }] }]
        return bedrockClient(lab, 3).send(new ConverseCommand({ modelId: model, messages }))
      },
    ],
    [
      "Cohere's SDK",
      () => {
        const client = new CohereClientV2({ token: 'none', baseUrl: lab.baseUrls.cohere })
        return client.chat({ model, messages: [{ role: 'user', content: words }] })
      },
    ],
  ]
  test.for(retrying)(
    '%s sends again as often as it likes, and no more than four requests go out',
    async ([, ask]) => {
      lab.reset({ fault: 'server-error' })
      await expect(ask()).rejects.toThrow(/unexpected error|internal server error/)
      expect(lab.requests).toHaveLength(4)
      expect(events.some(({ type }) => type === 'resend-answered')).toBe(true)
    },
    20_000,
  )
})
