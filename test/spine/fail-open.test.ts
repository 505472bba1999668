import { startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import { HoldfastError, instrument, watchReply } from 'holdfast'
import type { Holdfast, HoldfastOptions, Interceptor } from 'holdfast'
import OpenAI from 'openai'
import { afterEach, beforeEach, expect, test } from 'vitest'

let lab: Lab
let holdfast: Holdfast | undefined

beforeEach(async () => {
  lab = await startLab({ script: { text: 'all is well', chunks: 3 } })
})
afterEach(async () => {
  await holdfast?.uninstrument()
  holdfast = undefined
  await lab.close()
})

const bug = (): never => {
  throw new TypeError('a bug of ours')
}
const client = () => new OpenAI({ apiKey: 'none', baseURL: lab.baseUrls.openai })
const messages = [{ role: 'user' as const, content: 'hello' }]

async function whole(): Promise<string> {
  const answer = await client().chat.completions.create({ model: 'gpt-4o-mini', messages })
  return answer.choices[0]?.message.content ?? ''
}

async function streamed(): Promise<string> {
  let text = ''
  const stream = await client().chat.completions.create({
    model: 'gpt-4o-mini',
    messages,
    stream: true,
  })
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  return text
}

const breaksGoingIn: Interceptor = () => bug()
const breaksComingOut: Interceptor = async (call, next) => {
  await next(call)
  return bug()
}
const breaksWithAPromise: Interceptor = () => Promise.reject(new RangeError('a bug of ours'))
const breaksOnFrames: Interceptor = async (call, next) =>
  watchReply(await next(call), { frame: bug })
const breaksAtTheEnd: Interceptor = async (call, next) => watchReply(await next(call), { end: bug })

/** Every place of Holdfast where somebody's code is called, with code that throws. */
const hooks: Record<string, HoldfastOptions> = {
  'an interceptor, on the way in': { interceptors: { llm: [breaksGoingIn] } },
  'an interceptor, on the way out': { interceptors: { llm: [breaksComingOut] } },
  'an interceptor, by a rejected promise': { interceptors: { llm: [breaksWithAPromise] } },
  'a watcher, on a frame': { interceptors: { llm: [breaksOnFrames] } },
  'a watcher, at the end': { interceptors: { llm: [breaksAtTheEnd] } },
  'several interceptors': {
    interceptors: { llm: [breaksGoingIn, breaksComingOut, breaksOnFrames] },
  },
  'the run log': { runLog: bug },
  'the redaction of content': { telemetry: { captureContent: true, redact: bug } },
  'the warnings of telemetry': { telemetry: { warn: bug } },
  'the jitter of retries': { reliability: { retry: { random: bug } } },
  'the identity of an adapter': {
    adapters: { own: [{ name: 'own', targets: [], identify: bug, isLoaded: bug }] },
  },
}

test.each(Object.entries(hooks))('a bug in %s does not cost a good answer', async (_, options) => {
  holdfast = instrument(options)
  expect(await whole()).toBe('all is well')
  expect(await streamed()).toBe('all is well')
  expect(lab.requests).toHaveLength(2)
})

test('a bug in a listener does not cost a good answer, and is reported', async () => {
  holdfast = instrument()
  holdfast.on(bug)
  expect(await whole()).toBe('all is well')
  expect(await streamed()).toBe('all is well')
  expect(lab.requests).toHaveLength(2)
  expect(holdfast.report().bugs).toContainEqual(
    expect.objectContaining({ where: 'a listener', message: 'TypeError: a bug of ours' }),
  )
})

test('a bug in an interceptor around a tool neither loses the result nor runs the tool twice', async () => {
  let runs = 0
  for (const broken of [
    () => bug(),
    async (call: never, next: (call: never) => Promise<unknown>) => {
      await next(call)
      return bug()
    },
  ]) {
    holdfast = instrument({ interceptors: { tool: [broken as never] } })
    const value = await holdfast.tool(
      { name: 'add', arguments: {}, framework: 'test' },
      () => ++runs,
    )
    expect(value).toBe(runs)
    await holdfast.uninstrument()
  }
  expect(runs).toBe(2)
})

test('a refusal on purpose is no bug: it reaches the application', async () => {
  const refusal = new HoldfastError('CALL_REFUSED', 'not on my watch')
  holdfast = instrument({ interceptors: { llm: [() => Promise.reject(refusal)] } })
  await expect(
    client().chat.completions.create({ model: 'gpt-4o-mini', messages }, { maxRetries: 0 }),
  ).rejects.toMatchObject({ cause: refusal })
  expect(lab.requests).toHaveLength(0)
})

test('a failing tool fails with its own error', async () => {
  const failure = new RangeError('the tool itself')
  holdfast = instrument()
  const call = holdfast.tool({ name: 'fail', arguments: {}, framework: 'test' }, () => {
    throw failure
  })
  await expect(call).rejects.toBe(failure)
})
