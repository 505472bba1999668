import { assemble, LlmCall, openReply, translateReply } from '@holdfast/core'
import { startLab } from '@holdfast/lab'
import { anthropicMessages, gemini, openaiChat } from '@holdfast/wire'
import { expect, test } from 'vitest'
import { ask, callTo, send } from '../../testing/exchange.ts'
import { fallback } from './fallback.ts'
import type { FallbackTarget } from './target.ts'

const down = { script: { fault: 'unavailable' } } as const

function messagesTarget(baseUrl: string): FallbackTarget {
  return { format: anthropicMessages, model: 'claude-sonnet-5', baseUrl, apiKey: 'spare-key' }
}

test('a target that speaks another format answers in the format of the call', async () => {
  await using first = await startLab(down)
  await using spare = await startLab({ script: { text: 'Here I am.' } })

  for (const streaming of [true, false]) {
    const answer = await ask(
      first.url,
      fallback({ to: [messagesTarget(spare.baseUrls.anthropic)] }),
      {
        streaming,
        prompt: `streaming: ${streaming}`,
      },
    )

    expect(answer.error).toBeUndefined()
    const reader = openaiChat.replyReader({ operation: 'chat', streaming, contentType: null })
    const bytes = new TextEncoder().encode(answer.text)
    const read = assemble([...reader.push(bytes), ...reader.end()])
    expect(read).toMatchObject({ text: 'Here I am.', finishReason: 'stop' })
    expect(answer.reply?.complete()).toBe(true)
  }
  const [request] = spare.requests
  expect(request).toMatchObject({ wire: 'anthropic-messages', model: 'claude-sonnet-5' })
  expect(request?.headers['authorization']).toBeUndefined()
  expect(request?.headers).toMatchObject({ 'anthropic-version': '2023-06-01' })
})

test('the answer has headers of its own: nothing of the other length, encoding or limits', async () => {
  await using first = await startLab(down)
  await using spare = await startLab({ script: { headers: { 'request-id': 'req_spare' } } })

  const answer = await ask(first.url, fallback({ to: [messagesTarget(spare.baseUrls.anthropic)] }))

  expect(Object.fromEntries(answer.reply?.headers.entries() ?? [])).toEqual({
    'content-type': 'text/event-stream; charset=utf-8',
    'request-id': 'req_spare',
  })
})

test('a stream is carried piece by piece, and its end passes on', async () => {
  await using first = await startLab(down)
  await using spare = await startLab({
    script: {
      text: 'one two three four',
      chunks: 4,
      fault: { name: 'stall-mid-stream', afterChunks: 2 },
    },
  })
  const { call } = callTo(first.url)

  const reply = await fallback({ to: [messagesTarget(spare.baseUrls.anthropic)] })(call, send)
  let text = ''
  while (!text.includes('two')) {
    const frame = await reply.next()
    for (const event of frame?.events ?? []) if (event.type === 'text-delta') text += event.text
  }
  await reply.cancel()

  await expect.poll(() => spare.requests[0]?.outcome).toBe('aborted-by-client')
})

test('what is lost is told; what changes the meaning leaves the target out, unless it is only to be warned of', async () => {
  await using first = await startLab(down)
  await using spare = await startLab()
  const to = [messagesTarget(spare.baseUrls.anthropic)]
  const { call, events } = callTo(first.url)
  const request = {
    ...call.request,
    seed: 4,
    tools: [{ name: 'web_search', provider: { type: 'web_search' } }],
  }

  const refused = await fallback({ to })(call.with({ request }), send)
  const warned = await fallback({ to, onLoss: 'warn' })(call.with({ request }), send)
  await warned.cancel()

  expect(refused.status).toBe(503)
  expect(warned.status).toBe(200)
  expect(spare.requests).toHaveLength(1)
  expect(events.filter(({ type }) => type === 'content-dropped')).toEqual([
    {
      type: 'content-dropped',
      to: expect.stringContaining('claude-sonnet-5'),
      loss: { what: 'provider tool web_search', where: 'tools', severity: 'meaning' },
    },
    {
      type: 'content-dropped',
      to: expect.stringContaining('claude-sonnet-5'),
      loss: { what: 'seed', where: 'request', severity: 'detail' },
    },
  ])
})

test('a target of another format needs a model, and a key where no address is named', async () => {
  await using first = await startLab(down)
  const format = anthropicMessages

  const answer = await ask(
    first.url,
    fallback({
      to: [
        { format, apiKey: 'k' },
        { format, model: 'm' },
      ],
    }),
  )

  expect(answer.status).toBe(503)
  expect(first.requests).toHaveLength(1)
})

test('only chats are carried into another format', async () => {
  await using first = await startLab(down)
  await using spare = await startLab()
  const { call } = callTo(first.url)
  const { id, format, provider, model, http, run, signal, deadlineAt, resend, emit } = call
  const counting = new LlmCall({
    id,
    format,
    provider,
    model,
    http,
    run,
    signal,
    deadlineAt,
    resend,
    emit,
    operation: 'count-tokens',
    streaming: false,
  })

  const target = messagesTarget(spare.baseUrls.anthropic)

  expect(() => counting.with({ target })).toThrow('count-tokens has no other format')
  const reply = await fallback({ to: [target] })(counting, send)
  expect(reply.status).toBe(503)
  expect(spare.requests).toHaveLength(0)
})

test('the same request is written with the same bytes', () => {
  const { call } = callTo('http://127.0.0.1:1')
  const target = { format: gemini, apiKey: 'key' }

  const [one, two] = [1, 2].map(() => call.with({ model: 'gemini-3-pro', target }))

  expect(one?.http.body).toBe(two?.http.body)
  expect(one?.http.url).toBe(
    'https://generativelanguage.googleapis.com/v1beta/models/gemini-3-pro:streamGenerateContent?alt=sse',
  )
  expect(one?.provider).toBe('gcp.gemini')
  expect(one?.http.headers.get('x-goog-api-key')).toBe('key')
})

test('an error answer without a body that anybody knows is one all the same', async () => {
  const { call } = callTo('http://127.0.0.1:1', { wire: 'anthropic-messages', streaming: false })
  const other = call.with({ model: 'gpt-5', target: { format: openaiChat, apiKey: 'key' } })
  const opened = await openReply(other, {
    status: 502,
    statusText: 'Bad Gateway',
    headers: { get: () => null, entries: () => [] },
    body: undefined,
  })

  const reply = translateReply(opened, call)
  const frame = await reply.next()

  expect(reply.status).toBe(502)
  expect(JSON.parse(new TextDecoder().decode(frame?.bytes))).toEqual({
    type: 'error',
    error: { type: 'api_error', message: 'HTTP 502 without a message' },
  })
  expect(await reply.next()).toBeUndefined()
})
