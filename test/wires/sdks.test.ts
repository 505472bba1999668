import { ConverseCommand } from '@aws-sdk/client-bedrock-runtime'
import { badDay, startLab } from '@holdfast/lab'
import type { FaultName, Lab, Step } from '@holdfast/lab'
import { CohereClientV2 } from 'cohere-ai'
import { instrument, run } from 'holdfast'
import type { CallEvent, Holdfast, HoldfastOptions } from 'holdfast'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bedrockClient, clients, model, text, words } from './clients.ts'

type RunSummary = Parameters<Extract<HoldfastOptions['runLog'], (summary: never) => unknown>>[0]

const step: Step = { text, usage: { inputTokens: 21, outputTokens: 13 } }

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

test.for([
  ['@aws-sdk/client-bedrock-runtime, Converse', 'ThrottlingException'],
  ['@aws-sdk/client-bedrock-runtime, InvokeModel', 'ThrottlingException'],
  ['cohere-ai', 'TooManyRequestsError'],
  ['@mistralai/mistralai', 'SDKError'],
  ['ollama, chat', 'ResponseError'],
] as const)('%s throws what it would have thrown: %s', async ([client, name]) => {
  const ask = clients.find(([known]) => known === client)?.[2]
  lab.reset({ fault: 'rate-limited-no-header' })
  for (const streaming of [false, true]) {
    const error = await ask?.(lab, streaming).catch((error: unknown) => error)
    expect(error).toMatchObject({ name })
  }
})

describe('one layer alone retries', () => {
  const retrying: readonly (readonly [
    name: string,
    ask: () => Promise<unknown>,
    again?: boolean,
  ])[] = [
    [
      'the AWS SDK',
      () => {
        const messages = [{ role: 'user' as const, content: [{ text: words }] }]
        return bedrockClient(lab, 3).send(new ConverseCommand({ modelId: model, messages }))
      },
      // Its adapter lets it try once.
      false,
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
    { timeout: 20_000 },
    async ([, ask, sendsAgain = true]) => {
      lab.reset({ fault: 'server-error' })
      await expect(ask()).rejects.toThrow(/unexpected error|internal server error/)
      expect(lab.requests).toHaveLength(4)
      expect(events.some(({ type }) => type === 'resend-answered')).toBe(sendsAgain)
    },
  )
})
