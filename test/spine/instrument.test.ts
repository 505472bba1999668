import { startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import { instrument, run, tool } from 'holdfast'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

let lab: Lab
beforeAll(async () => {
  lab = await startLab({ script: { text: 'all is well' } })
})
afterAll(() => lab.close())
beforeEach(() => lab.reset())

const messages = [{ role: 'user' as const, content: 'hello' }]
const ask = (client: OpenAI) =>
  client.chat.completions
    .create({ model: 'gpt-4o-mini', messages })
    .then((answer) => answer.choices[0]?.message.content)
const newClient = () => new OpenAI({ apiKey: 'none', baseURL: lab.baseUrls.openai })

test('a client made before instrument() is caught too, and each call once', async () => {
  const early = newClient()
  const holdfast = instrument()
  expect(await ask(early)).toBe('all is well')
  expect(await ask(newClient())).toBe('all is well')
  const calls = holdfast.report().caught.map(({ calls }) => calls)
  expect(calls.reduce((sum, count) => sum + count, 0)).toBe(2)
  expect(lab.requests).toHaveLength(2)
  await holdfast.uninstrument()
})

test('instrument() twice is one Holdfast, and the last uninstrument() takes it off', async () => {
  const before = globalThis.fetch
  const first = instrument()
  const second = instrument()
  await ask(newClient())
  expect(second.report().caught).toEqual(first.report().caught)
  expect(first.report().caught[0]?.calls).toBe(1)
  await first.uninstrument()
  await first.uninstrument()
  expect(globalThis.fetch).not.toBe(before)
  await second.uninstrument()
  expect(globalThis.fetch).toBe(before)
})

test('holdfast.fetch can be passed explicitly, and the call is still handled once', async () => {
  const holdfast = instrument()
  const client = new OpenAI({ apiKey: 'none', baseURL: lab.baseUrls.openai, fetch: holdfast.fetch })
  expect(await ask(client)).toBe('all is well')
  expect(holdfast.report().caught[0]?.calls).toBe(1)
  await holdfast.uninstrument()
})

test('wrong options are one error that names the option, what came and what is allowed', () => {
  const wrong = { reliability: { retry: { maxAttempts: 'three' } }, runLog: 'file' }
  const start = () => instrument(wrong as never)
  expect(start).toThrow(/\[OPTIONS_INVALID\].*maxAttempts came as "three".*runLog came as "file"/)
  expect(globalThis.fetch.name).toBe('fetch')
})

test('hosts that are to be left alone are left alone', async () => {
  const holdfast = instrument({ ignoreHosts: ['127.0.0.1'] })
  await ask(newClient())
  expect(holdfast.report().caught).toEqual([])
  await holdfast.uninstrument()
})

test('a model endpoint with an unknown format passes untouched and is reported', async () => {
  const holdfast = instrument()
  const response = await fetch(`${lab.url}/v1/chat/completions`, {
    method: 'POST',
    body: 'no JSON',
  })
  expect(response.status).toBeGreaterThan(0)
  expect(holdfast.report().passing).toContainEqual(
    expect.objectContaining({ path: '/v1/chat/completions', why: 'unknown format' }),
  )
  await holdfast.uninstrument()
})

test('calls belong to the run they are made in, tools too', async () => {
  const seen: unknown[] = []
  const holdfast = instrument({
    interceptors: {
      llm: [(call, next) => (seen.push(call.run?.id, call.run?.session), next(call))],
      tool: [(call, next) => (seen.push(call.name, call.run?.id), next(call))],
    },
  })
  const add = tool({ name: 'add' }, (numbers: readonly number[]) =>
    numbers.reduce((a, b) => a + b, 0),
  )
  await run({ id: 'run-1', session: 'thread-1' }, async () => {
    await ask(newClient())
    expect(await add([1, 2, 3])).toBe(6)
  })
  expect(seen).toEqual(['run-1', 'thread-1', 'add', 'run-1'])
  await holdfast.uninstrument()
})
