// Calls a model through every kind of client and prints, as JSON, what was caught of each call and on which layers.
//   node clients.ts before|after        capture before, or after, the clients are loaded and constructed
import http2 from 'node:http2'
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { capture, type Capture } from '@holdfast/capture'
import type { HttpHandler } from '@holdfast/core'
import { importClient } from './client-packages.ts'

const when = process.argv[2] as 'before' | 'after'
const fetchTakenEarly = globalThis.fetch

const json = { 'content-type': 'application/json' }
const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
const chat = {
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage,
}
const chunk = (delta: object, finish_reason: string | null): string => {
  const choices = [{ index: 0, delta, finish_reason }]
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices })}\n\n`
}
const answers: [path: string, answer: object][] = [
  [
    ':generateContent',
    {
      candidates: [{ content: { role: 'model', parts: [{ text: 'hi' }] }, finishReason: 'STOP' }],
      usageMetadata: {},
    },
  ],
  [
    '/responses',
    {
      id: 'resp_1',
      object: 'response',
      created_at: 1,
      model: 'm',
      status: 'completed',
      output: [
        {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'hi', annotations: [] }],
        },
      ],
      usage: {
        input_tokens: 1,
        output_tokens: 1,
        total_tokens: 2,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens_details: { reasoning_tokens: 0 },
      },
    },
  ],
  [
    '/messages',
    {
      id: 'm',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [{ type: 'text', text: 'hi' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 1, output_tokens: 1 },
    },
  ],
]
const server = http.createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    const known = answers.find(([path]) => request.url?.includes(path))
    if (known !== undefined) return response.writeHead(200, json).end(JSON.stringify(known[1]))
    if (Buffer.concat(parts).toString().includes('"stream":true')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(chunk({ role: 'assistant', content: 'h' }, null))
      setTimeout(() => response.end(`${chunk({ content: 'i' }, 'stop')}data: [DONE]\n\n`), 5)
      return undefined
    }
    return response.writeHead(200, json).end(JSON.stringify(chat))
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const bedrock = http2.createServer()
bedrock.on('stream', (stream) => {
  stream.resume()
  stream.on('error', () => {})
  stream.on('end', () => {
    stream.respond({ ':status': 200, ...json })
    const message = { role: 'assistant', content: [{ text: 'hi' }] }
    const tokens = { inputTokens: 1, outputTokens: 1, totalTokens: 2 }
    const metrics = { latencyMs: 1 }
    stream.end(
      JSON.stringify({ output: { message }, stopReason: 'end_turn', usage: tokens, metrics }),
    )
  })
})
bedrock.listen(0, '127.0.0.1')
await once(bedrock, 'listening')
const bedrockBase = `http://127.0.0.1:${(bedrock.address() as AddressInfo).port}`

const seen: string[] = []
const handler: HttpHandler = {
  claims: (_, url) => url.startsWith(base) || url.startsWith(bedrockBase),
  handle(request, transport) {
    seen.push(request.layer)
    return transport(request)
  },
}
let held: Capture | undefined
const take = (): void => {
  held = capture(handler, { onPassing: ({ layer }) => seen.push(`passing ${layer}`) })
}
if (when === 'before') take()

// The clients are used as an application would, without their types getting in the way.
// oxlint-disable-next-line typescript/no-explicit-any
type Client = any
const load = async (name: string): Promise<Client> => importClient(name)
const { default: OpenAI } = await load('openai')
const { default: Anthropic } = await load('@anthropic-ai/sdk')
const { GoogleGenAI } = await load('@google/genai')
const { createOpenAI } = await load('@ai-sdk/openai')
const { generateText, streamText } = await load('ai')
const { BedrockRuntimeClient, ConverseCommand } = await load('@aws-sdk/client-bedrock-runtime')
const { NodeHttpHandler } = await load('@smithy/node-http-handler')
const undici: Record<string, Client> = {}
// oxlint-disable-next-line no-await-in-loop -- in order
for (const major of [5, 6, 7, 8]) undici[major] = (await load(`undici${major}`)).default
const { default: axios } = await load('axios')
const { default: nodeFetch } = await load('node-fetch')
const { default: got } = await load('got')
const { Gaxios } = await load('gaxios')

const openai = (more: object = {}): Client =>
  new OpenAI({ apiKey: 'k', baseURL: `${base}/v1`, maxRetries: 0, ...more })
const plain = openai()
const ownFetch = openai({ fetch: undici[8].fetch })
const ownDispatcher = openai({
  fetch: undici[7].fetch,
  fetchOptions: { dispatcher: new undici[7].Agent() },
})
const anthropic = new Anthropic({ apiKey: 'k', baseURL: base, maxRetries: 0 })
const gemini = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: base } })
const aiSdk = createOpenAI({ apiKey: 'k', baseURL: `${base}/v1` })
const aws = { region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }
const bedrockHttp2 = new BedrockRuntimeClient({ ...aws, endpoint: bedrockBase })
const bedrockHttp1 = new BedrockRuntimeClient({
  ...aws,
  endpoint: `${base}/messages`,
  requestHandler: new NodeHttpHandler(),
})
const agents = Object.fromEntries(
  [5, 6, 7, 8].map((major) => [major, new undici[major].Client(base)]),
)
if (when === 'after') take()

const messages = [{ role: 'user', content: 'x' }]
const ask = { model: 'm', messages }
const textOf = (completion: Client): unknown => completion.choices[0].message.content
const converse = new ConverseCommand({
  modelId: 'm',
  messages: [{ role: 'user', content: [{ text: 'x' }] }],
})
const url = `${base}/v1/chat/completions`
const post = { method: 'POST', body: '{}' }
const viaHttp = (options: object): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', ...options }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode))
    })
    request.on('error', reject)
    request.end('{}')
  })

const results: { client: string; seen: string[]; result: unknown }[] = []
const it = async (client: string, call: () => Promise<unknown>): Promise<void> => {
  seen.length = 0
  const result = await call().catch((error: unknown) => `failed: ${String(error)}`)
  results.push({ client, seen: [...seen], result })
}
await it('openai', async () => textOf(await plain.chat.completions.create(ask)))
await it('openai, streamed', async () => {
  let text = ''
  const stream = await plain.chat.completions.create({ ...ask, stream: true })
  for await (const part of stream) text += part.choices[0]?.delta?.content ?? ''
  return text
})
await it('openai responses', async () =>
  (await plain.responses.create({ model: 'm', input: 'x' })).output_text)
await it('openai with undici 8', async () => textOf(await ownFetch.chat.completions.create(ask)))
await it('openai with undici 7 and its own dispatcher', async () =>
  textOf(await ownDispatcher.chat.completions.create(ask)))
await it('anthropic', async () =>
  (await anthropic.messages.create({ ...ask, max_tokens: 5 })).content[0].text)
await it('google genai', async () =>
  (await gemini.models.generateContent({ model: 'm', contents: 'x' })).text)
await it('AI SDK, responses', async () =>
  (await generateText({ model: aiSdk('m'), prompt: 'x' })).text)
await it('AI SDK, chat', async () =>
  (await generateText({ model: aiSdk.chat('m'), prompt: 'x' })).text)
await it('AI SDK, streamed', async () => streamText({ model: aiSdk.chat('m'), prompt: 'x' }).text)
await it('bedrock over HTTP/2', async () =>
  (await bedrockHttp2.send(converse)).output.message.content[0].text)
await it('bedrock over HTTP/1', async () => {
  await bedrockHttp1.send(converse)
  return 'hi'
})
await it('a fetch taken early', async () => (await fetchTakenEarly(url, post)).status)
for (const major of [5, 6, 7, 8]) {
  // oxlint-disable-next-line no-await-in-loop -- in order
  await it(`undici ${major} request`, async () => {
    const { statusCode, body } = await undici[major].request(url, post)
    await body.text()
    return statusCode
  })
  // oxlint-disable-next-line no-await-in-loop -- in order
  await it(`undici ${major} Client`, async () => {
    const { statusCode, body } = await agents[major].request({ path: '/v1/x', ...post })
    await body.text()
    return statusCode
  })
  // oxlint-disable-next-line no-await-in-loop -- in order
  await it(`undici ${major} fetch`, async () => (await undici[major].fetch(url, post)).status)
}
await it('fetch after setGlobalDispatcher', async () => {
  undici[8].setGlobalDispatcher(new undici[8].Agent())
  return (await fetchTakenEarly(url, post)).status
})
await it('axios', async () => (await axios.post(url, { a: 1 })).status)
await it('axios with fetch', async () =>
  (await axios.post(url, { a: 1 }, { adapter: 'fetch' })).status)
await it('node-fetch', async () => (await nodeFetch(url, post)).status)
await it('got', async () => (await got.post(url, { json: { a: 1 } })).statusCode)
await it('gaxios', async () =>
  (await new Gaxios().request({ url, method: 'POST', data: {} })).status)
await it('http.request', () => viaHttp({}))
await it('http.request with agent: false', () => viaHttp({ agent: false }))
await it('plain fetch', async () => (await fetch(url, post)).status)

console.log(JSON.stringify({ results, report: held?.report() }))
process.exit(0)
