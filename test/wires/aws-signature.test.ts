import { Readable } from 'node:stream'
import {
  BedrockRuntimeClient,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  InvokeModelCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { instrument } from 'holdfast'
import type { Holdfast, HoldfastOptions, Interceptor } from 'holdfast'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'

const credentials = { accessKeyId: 'AKIALAB', secretAccessKey: 'the secret of the lab' }
const modelId = 'anthropic.claude-lab:0'
const question: ConverseCommandInput = {
  modelId,
  messages: [{ role: 'user', content: [{ text: 'Call me +49 170 1234567' }] }],
}

let lab: Lab
let holdfast: Holdfast | undefined
beforeAll(async () => {
  lab = await startLab({
    script: { text: 'all is well' },
    awsSecrets: { [credentials.accessKeyId]: credentials.secretAccessKey },
  })
})
afterAll(() => lab.close())
beforeEach(() => {
  lab.reset()
  for (const name of ['ACCESS_KEY_ID', 'SECRET_ACCESS_KEY', 'SESSION_TOKEN']) {
    vi.stubEnv(`AWS_${name}`, undefined)
  }
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await holdfast?.uninstrument()
})

function client(own: object = { credentials }): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    endpoint: lab.baseUrls.bedrock,
    region: 'eu-central-1',
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
    ...own,
  })
}

const say = async (asked: BedrockRuntimeClient, input = question): Promise<string | undefined> => {
  const { output } = await asked.send(new ConverseCommand(input))
  return output?.message?.content?.[0]?.text
}

/** Hides the number in what goes out. */
const redact: Interceptor = (call, next) => {
  const messages = call.request.messages.map((message) => ({
    ...message,
    parts: message.parts.map((part) => {
      return part.type === 'text'
        ? { ...part, text: part.text.replace(/\+[\d ]+/, '[phone]') }
        : part
    }),
  }))
  return next(call.with({ request: { ...call.request, messages } }))
}

const start = (options: HoldfastOptions): void => {
  holdfast = instrument({ telemetry: false, ...options })
}

test('the lab refuses a signature that does not fit', async () => {
  const wrong = { credentials: { ...credentials, secretAccessKey: 'another' } }
  await expect(say(client(wrong))).rejects.toThrow(/signature we calculated does not match/)
})

test('an untouched request keeps its signature', async () => {
  start({})
  expect(await say(client())).toBe('all is well')
  expect(holdfast?.report().caught).toMatchObject([{ format: 'bedrock-converse', calls: 1 }])
})

test('a changed request is signed again with the credentials in the environment', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey)
  start({ interceptors: { llm: [redact] } })
  expect(await say(client())).toBe('all is well')
  expect(lab.requests[0]?.bodyText).toContain('Call me [phone]')
  expect(holdfast?.report().passing).toEqual([])
})

test('a changed stream, a changed invoke and another model are signed too', async () => {
  const other: Interceptor = (call, next) => next(call.with({ model: 'us.other/model:1 (β)' }))
  start({ aws: { credentials: () => credentials }, interceptors: { llm: [redact, other] } })
  const { stream = [] } = await client().send(new ConverseStreamCommand(question))
  let text = ''
  for await (const { contentBlockDelta } of stream) text += contentBlockDelta?.delta?.text ?? ''
  expect(text).toBe('all is well')
  const body = JSON.stringify({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 10,
    messages: [{ role: 'user', content: 'Call +49 170 1234567' }],
  })
  await client().send(new InvokeModelCommand({ modelId, body }))
  expect(lab.requests.map(({ model, status }) => [model, status])).toEqual([
    ['us.other/model:1 (β)', 200],
    ['us.other/model:1 (β)', 200],
  ])
  expect(lab.requests[1]?.body).toMatchObject({ messages: [{ content: 'Call [phone]' }] })
})

test('a request that is sent by fetch is signed again too', async () => {
  const byFetch = {
    async handle({
      path,
      headers,
      body,
    }: {
      path: string
      headers: Record<string, string>
      body: string
    }) {
      const answer = await fetch(lab.url + path, { method: 'POST', headers, body })
      const stream = Readable.from([Buffer.from(await answer.arrayBuffer())])
      const { status: statusCode } = answer
      return { response: { statusCode, headers: Object.fromEntries(answer.headers), body: stream } }
    },
  }
  for (const transport of ['direct', 'original'] as const) {
    start({ transport, aws: { credentials: () => credentials }, interceptors: { llm: [redact] } })
    expect(await say(client({ credentials, requestHandler: byFetch }))).toBe('all is well')
    expect(lab.requests.at(-1)?.bodyText).toContain('Call me [phone]')
    expect(holdfast?.report().caught).toMatchObject([{ layer: 'fetch', calls: 1 }])
    await holdfast?.uninstrument()
  }
})

test('a session token goes into the new signature', async () => {
  const sessionToken = 'a token of the lab'
  start({
    aws: { credentials: async () => ({ ...credentials, sessionToken }) },
    interceptors: { llm: [redact] },
  })
  expect(await say(client({ credentials: { ...credentials, sessionToken } }))).toBe('all is well')
  expect(lab.requests[0]?.headers['authorization']).toContain('x-amz-security-token')
  expect(JSON.stringify(lab.requests[0]?.headers)).not.toContain(sessionToken)
})

test.for([
  ['there are none', undefined],
  ["they are another key's", 'AKIAOTHER'],
] as const)(
  'without credentials at hand, because %s, the call is left alone and reported',
  async ([, accessKeyId]) => {
    if (accessKeyId !== undefined) {
      vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId)
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'another')
    }
    start({ interceptors: { llm: [redact] } })
    expect(await say(client())).toBe('all is well')
    expect(lab.requests[0]?.bodyText).toContain('+49 170')
    expect(holdfast?.report().passing).toMatchObject([
      { why: 'changed, but no credentials to sign it', calls: 1 },
    ])
  },
)

test('credentials that cannot be had are a bug that is told, and the call goes on', async () => {
  const failing = (): never => {
    throw new Error('no metadata service')
  }
  start({ aws: { credentials: failing }, interceptors: { llm: [redact] } })
  expect(await say(client())).toBe('all is well')
  expect(holdfast?.report().bugs).toMatchObject([{ where: 'signing for AWS' }])
})

test('a bearer token needs no signature', async () => {
  start({ interceptors: { llm: [redact] } })
  const token = {
    token: async () => ({ token: 'a bearer token' }),
    authSchemePreference: ['httpBearerAuth'],
  }
  expect(await say(client(token))).toBe('all is well')
  expect(lab.requests[0]?.bodyText).toContain('[phone]')
  expect(lab.requests[0]?.headers['authorization']).toMatch(/^Bearer /)
})
