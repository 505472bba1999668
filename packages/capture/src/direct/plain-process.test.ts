import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { HttpHandler } from '@holdfast/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { capture, type Capture, type CaptureOptions } from '../index.ts'
import { startRawServer, type RawServer } from '../testing/raw-server.ts'
import { DirectResponse } from './direct-response.ts'

const dispatchers = [
  Symbol.for('undici.globalDispatcher.1'),
  Symbol.for('undici.globalDispatcher.2'),
]
const nativeFetch = globalThis.fetch
const realm = globalThis as unknown as Record<symbol, object>
let server: RawServer
let held: Capture | undefined
let ways: string[] = []
let given: (object | undefined)[] = []
beforeEach(async () => {
  await nativeFetch('data:,')
  given = dispatchers.map((symbol) => realm[symbol])
  ways = []
  server = await startRawServer({
    ok: (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'),
  })
})
afterEach(async () => {
  held?.release()
  globalThis.fetch = nativeFetch
  for (const [index, symbol] of dispatchers.entries()) {
    const dispatcher = given[index]
    if (dispatcher !== undefined) realm[symbol] = dispatcher
  }
  await server[Symbol.asyncDispose]()
})

const hold = (
  options: CaptureOptions = {},
  handle: HttpHandler['handle'] = (request, transport) => transport(request),
): void => {
  held = capture(
    {
      claims: (_, url) => url.startsWith(server.url),
      handle: (request, transport) =>
        handle(request, async (sent) => {
          const response = await transport(sent)
          ways.push(response instanceof DirectResponse ? 'direct' : 'original')
          return response
        }),
    },
    options,
  )
}
const call = async (init: object = {}, input: unknown = `${server.url}/ok`): Promise<string[]> => {
  ways = []
  await (await fetch(input as string, init)).text()
  return ways
}

test('a plain call in a plain process goes direct', async () => {
  hold()
  await expect(call()).resolves.toEqual(['direct'])
  await expect(call({ method: 'POST', body: 'x', signal: null })).resolves.toEqual(['direct'])
  await expect(call({}, new URL(`${server.url}/ok`))).resolves.toEqual(['direct'])
})

test('a plain call goes direct after fetch has been used', async () => {
  await (await fetch(`${server.url}/ok`)).text()
  hold()
  await expect(call()).resolves.toEqual(['direct'])
})

test('no call goes direct where the application wants the original', async () => {
  hold({ transport: 'original' })
  await expect(call()).resolves.toEqual(['original'])
})

const refuse = (): never => {
  throw new Error('the dispatcher of the caller')
}
const inits: Record<string, object> = {
  'a dispatcher': { dispatcher: { dispatch: refuse } },
  'a member that fetch does not know': { next: { revalidate: 1 } },
  'a stream': {
    method: 'POST',
    duplex: 'half',
    body: new Blob(['x']).stream(),
  },
  'redirect: manual': { redirect: 'manual' },
  'cache: no-store': { cache: 'no-store' },
  'credentials: include': { credentials: 'include' },
  keepalive: { keepalive: true },
  'a referrer': { referrer: 'http://127.0.0.1/' },
  'mode: no-cors': { mode: 'no-cors' },
  'the method HEAD': { method: 'HEAD' },
  'a method in lower case': { method: 'delete' },
  'a method of its own': { method: 'PURGE' },
  'an empty body': { method: 'DELETE', body: '' },
  'a range': { headers: { range: 'bytes=0-1' } },
  'a condition': { headers: { 'if-none-match': '"a"' } },
  'connection: close': { headers: { connection: 'close' } },
  'a header beyond ASCII': { headers: { 'x-a': 'ü' } },
  'settings of a class': Object.create({ method: 'POST' }) as object,
}

test.each(Object.entries(inits))('a call with %s is sent by fetch', async (_, init) => {
  hold()
  await call(init).catch((error: unknown) => {
    expect((error as Error).cause).toMatchObject({ message: 'the dispatcher of the caller' })
    ways.push('original')
  })
  expect(ways).toEqual(['original'])
})

test('a Request is sent by fetch', async () => {
  hold()
  await expect(call({}, new Request(`${server.url}/ok`))).resolves.toEqual(['original'])
})

test('a handler that asks for what only fetch can do gets it from fetch', async () => {
  hold({}, (request, transport) => transport({ ...request, method: 'PURGE' }))
  await expect(call()).resolves.toEqual(['original'])
  expect(server.requests[0]).toMatch(/^PURGE /)
})

test.each([
  ['http://user:secret@127.0.0.1/'],
  ['http://127.0.0.1:6000/'],
  ['http://127.0.0.1:25/'],
  ['http://'],
])('what fetch refuses to call, it refuses: %s', async (url) => {
  const refusal = await nativeFetch(url).catch((error: unknown) => error)
  held = capture({ claims: () => true, handle: (request, transport) => transport(request) })
  const refused = await fetch(url).catch((error: unknown) => error)
  expect(String((refused as Error).cause)).toBe(String((refusal as Error).cause))
})

test('somebody who patched fetch before sees every call', async () => {
  let calls = 0
  globalThis.fetch = function fetch(...args) {
    calls++
    return nativeFetch(...args)
  }
  hold()
  await expect(call()).resolves.toEqual(['original'])
  expect(calls).toBe(1)
})

test.each([
  ['a proxy object', () => new Proxy(nativeFetch, {})],
  ['a bound function', () => nativeFetch.bind(undefined)],
])('%s around fetch is called', async (_, make) => {
  globalThis.fetch = make()
  hold()
  await expect(call()).resolves.toEqual(['original'])
})

test("a mock agent's answers are those of every call", async () => {
  // Loaded only now: it would put an agent of its own where there is none yet.
  const { MockAgent, setGlobalDispatcher } = await import('undici7')
  const agent = new MockAgent()
  agent.disableNetConnect()
  agent.get(server.url).intercept({ path: '/ok' }).reply(200, 'mocked')
  hold()
  await expect(call()).resolves.toEqual(['direct'])
  setGlobalDispatcher(agent)
  await expect(call().catch(() => ways)).resolves.not.toContain('direct')
})

test("the application's own agent gets every call, also one of Node's own undici with options", async () => {
  const [symbol] = dispatchers.slice(process.versions['undici']?.startsWith('8') === true ? 1 : 0)
  const NodeAgent = realm[symbol as symbol]?.constructor as new (options?: object) => {
    dispatch: () => boolean
  }
  hold()
  realm[symbol as symbol] = new NodeAgent({ keepAliveTimeout: 10 })
  await expect(call()).resolves.toEqual(['original'])
  realm[symbol as symbol] = new NodeAgent()
  await expect(call()).resolves.toEqual(['direct'])
  const patched = new NodeAgent()
  Object.assign(patched, { dispatch: patched.dispatch.bind(patched) })
  realm[symbol as symbol] = patched
  await expect(call()).resolves.toEqual(['original'])
})

test.each(['undici:request:create', 'undici:client:connected', 'http.client.request.start'])(
  'whoever listens on %s goes on hearing of what fetch does, and of nothing else',
  async (name) => {
    let heard = 0
    const listener = (): void => void heard++
    hold()
    subscribe(name, listener)
    try {
      await expect(call()).resolves.toEqual(['original'])
    } finally {
      unsubscribe(name, listener)
    }
    expect(heard).toBe(name.startsWith('undici') ? 1 : 0)
    await expect(call()).resolves.toEqual(['direct'])
  },
)

test('another copy of Response under the global name is not what the application gets', async () => {
  const { Response } = globalThis
  hold()
  globalThis.Response = Blob as never
  try {
    expect(await fetch(`${server.url}/ok`)).toBeInstanceOf(Response)
  } finally {
    globalThis.Response = Response
  }
  expect(ways).toEqual(['direct'])
})
