import http from 'node:http'
import { Module } from 'node:module'
import type { HttpHandler } from '@holdfast/core'
import { Agent, getGlobalDispatcher, request as undiciRequest } from 'undici8'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bypass, capture, capturedFetch, type Capture, type CaptureOptions } from './index.ts'
import { clients } from './testing/clients.ts'
import { startEchoServer, type EchoServer } from './testing/echo-server.ts'

let server: EchoServer
let captures: Capture[]
beforeEach(async () => {
  server = await startEchoServer()
  captures = []
})
afterEach(async () => {
  for (const held of captures) held.release()
  await server[Symbol.asyncDispose]()
})

const hold = (handler: HttpHandler, options?: CaptureOptions): Capture => {
  const held = capture(handler, options)
  captures.push(held)
  return held
}
/** A handler that claims what goes to the server and writes down what it sees. */
const watcher = (seen: string[] = []): HttpHandler & { seen: string[] } => ({
  seen,
  claims: (_, url) => url.startsWith(server.url),
  handle(request, transport) {
    seen.push(`${request.layer} ${request.method} ${request.url.replace(server.url, '')}`)
    return transport(request)
  },
})
/** Everything that is patched, as it is now. */
const patched = (): unknown[] => [
  globalThis.fetch,
  http.Agent.prototype['addRequest' as never],
  Object.getPrototypeOf(Agent.prototype).dispatch,
  Module.prototype['_compile' as never],
]

describe.each(clients)('a call through %s', (layer, send) => {
  test('is given to the handler', async () => {
    const handler = watcher()
    hold(handler)
    const { status, text } = await send(`${server.url}/v1?a=b`, { method: 'POST', body: 'hello' })
    expect([status, JSON.parse(text)]).toMatchObject([200, { url: '/v1?a=b', body: 'hello' }])
    expect(handler.seen).toEqual([`${layer} POST /v1?a=b`])
  })

  test('is not touched where nobody claims it', async () => {
    const handler = { ...watcher(), claims: () => false }
    hold(handler)
    await send(`${server.url}/`)
    expect([handler.seen, server.requests.length]).toEqual([[], 1])
  })

  test('goes its way where a claim throws', async () => {
    const claims = (): boolean => {
      throw new Error('a bug')
    }
    hold({ ...watcher(), claims })
    await expect(send(`${server.url}/`)).resolves.toMatchObject({ status: 200 })
  })

  test('is not caught in a bypass', async () => {
    const handler = watcher()
    hold(handler)
    await bypass(() => send(`${server.url}/`))
    expect(handler.seen).toEqual([])
  })

  test('is handled once by two captures, by the newest that claims it', async () => {
    const [first, second, third] = [watcher(), watcher(), watcher()]
    hold(first)
    const middle = hold(second)
    hold({ ...third, claims: () => false })
    await send(`${server.url}/1`)
    middle.release()
    await send(`${server.url}/2`)
    expect([first.seen, second.seen, third.seen, server.requests.length]).toEqual([
      [`${layer} GET /2`],
      [`${layer} GET /1`],
      [],
      2,
    ])
  })

  test('is handled once with the same handler captured twice', async () => {
    const handler = watcher()
    hold(handler)
    hold(handler)
    await send(`${server.url}/`)
    expect(handler.seen).toEqual([`${layer} GET /`])
  })

  test('is handled once after a test runner has loaded the modules anew', async () => {
    const before = watcher()
    hold(before)
    vi.resetModules()
    const anew = (await import('./index.ts')) as { capture: typeof capture }
    expect(anew.capture).not.toBe(capture)
    const after = watcher()
    captures.push(anew.capture(after))
    await send(`${server.url}/`)
    expect([before.seen, after.seen]).toEqual([[], [`${layer} GET /`]])
  })

  test('is not caught after release, and everything is given back', async () => {
    const originals = patched()
    const handler = watcher()
    const [first, second] = [hold(handler), hold(handler)]
    expect(patched().map((now, index) => now === originals[index])).not.toContain(true)
    first.release()
    first.release()
    await send(`${server.url}/1`)
    second.release()
    await send(`${server.url}/2`)
    expect(patched()).toEqual(originals)
    expect(handler.seen).toEqual([`${layer} GET /1`])
  })
})

test('release passes straight through where somebody patched on top', async () => {
  const original = globalThis.fetch
  const handler = watcher()
  const held = hold(handler)
  const ours = globalThis.fetch
  const calls: unknown[] = []
  const theirs = ((...args: Parameters<typeof fetch>) => {
    calls.push(args[0])
    return ours(...args)
  }) as typeof fetch
  globalThis.fetch = theirs
  try {
    held.release()
    await fetch(`${server.url}/1`)
    expect([globalThis.fetch === theirs, calls.length, handler.seen]).toEqual([true, 1, []])
    hold(handler)
    await fetch(`${server.url}/2`)
    expect(handler.seen).toEqual(['fetch GET /2'])
  } finally {
    for (const one of captures) one.release()
    globalThis.fetch = original
  }
})

test('a fetch that somebody put on top is asked first and the call handled once', async () => {
  const handler = watcher()
  hold(handler)
  const ours = globalThis.fetch
  globalThis.fetch = (input, init) => ours(new Request(input, init))
  try {
    hold(handler)
    const response = await fetch(`${server.url}/`, { method: 'POST', body: 'x' })
    expect(((await response.json()) as { body: string }).body).toBe('x')
    expect(handler.seen).toEqual(['fetch POST /'])
  } finally {
    for (const one of captures) one.release()
    globalThis.fetch = ours
  }
})

test('what others hang on fetch stays reachable', () => {
  const original = globalThis.fetch
  const hung = Object.assign((input: string) => original(input), { patchedBy: 'somebody' })
  globalThis.fetch = hung as never
  try {
    hold(watcher())
    expect(globalThis.fetch).not.toBe(hung)
    expect((globalThis.fetch as never as typeof hung).patchedBy).toBe('somebody')
  } finally {
    for (const one of captures) one.release()
    globalThis.fetch = original
  }
})

test('an unclaimed call reaches the original with the very arguments', async () => {
  const original = globalThis.fetch
  const calls: unknown[][] = []
  globalThis.fetch = function recorder(this: unknown, ...args: unknown[]) {
    calls.push([this, ...args])
    return Promise.resolve(new Response('mine'))
  }
  try {
    hold({ ...watcher(), claims: () => false })
    const receiver = { fetch: globalThis.fetch }
    const [url, init] = [new URL('http://example.test/'), {}]
    await receiver.fetch(url, init)
    await fetch('http://example.test/')
    expect(calls[0]).toEqual([receiver, url, init])
    expect([calls[0]?.[1] === url, calls[0]?.[2] === init, calls[1]?.length]).toEqual([
      true,
      true,
      2,
    ])
  } finally {
    for (const one of captures) one.release()
    globalThis.fetch = original
  }
})

test('an unclaimed call is not even looked at', async () => {
  const touched: PropertyKey[] = []
  const init = new Proxy({}, { get: (_, name) => (touched.push(name), undefined) })
  const original = globalThis.fetch
  globalThis.fetch = () => Promise.resolve(new Response(''))
  try {
    hold({ ...watcher(), claims: () => false })
    await fetch('http://example.test/', init)
    expect(touched).toEqual(['method'])
  } finally {
    for (const one of captures) one.release()
    globalThis.fetch = original
  }
})

test('only the layers asked for are patched', () => {
  const [fetchBefore, addRequestBefore, dispatchBefore] = patched()
  hold(watcher(), { layers: ['http'] })
  const [fetchNow, addRequestNow, dispatchNow] = patched()
  expect([fetchNow, dispatchNow]).toEqual([fetchBefore, dispatchBefore])
  expect(addRequestNow).not.toBe(addRequestBefore)
})

test('a fetch that goes through a pool with few connections is handled once', async () => {
  const handler = watcher()
  hold(handler)
  const dispatcher = new Agent({ connections: 1, pipelining: 1 })
  const init = { dispatcher, method: 'POST', body: 'x' } as never
  const { fetch: undiciFetch } = await import('undici8')
  await Promise.all(Array.from({ length: 8 }, () => undiciFetch(`${server.url}/`, init)))
  expect([handler.seen.length, server.requests.length]).toEqual([8, 8])
  await dispatcher.destroy()
})

test('a nested call from a handler of undici is caught too', async () => {
  const handler = watcher()
  hold(handler)
  const { statusCode, body } = await undiciRequest(`${server.url}/outer`)
  const inner = await new Promise((resolve) => {
    body.once('data', () => resolve(undiciRequest(`${server.url}/inner`)))
  })
  expect([statusCode, (inner as { statusCode: number }).statusCode]).toEqual([200, 200])
  expect(handler.seen).toEqual(['undici GET /outer', 'undici GET /inner'])
})

test('the report says what is held, what was caught and what went by', async () => {
  const held = hold(watcher())
  const [, send] = clients[0] ?? []
  await send?.(`${server.url}/`)
  const { layers, passing } = held.report()
  expect(layers.map(({ layer, caught }) => [layer, caught])).toEqual([
    ['fetch', 1],
    ['undici', 0],
    ['http', 0],
    ['http2', 0],
  ])
  expect(layers.find(({ layer }) => layer === 'undici')?.holds).toContain('the global dispatcher')
  expect(passing).toEqual([])
})

test('a claimed call that no layer can catch is reported, without its query', async () => {
  const seen: unknown[] = []
  const held = hold(watcher(), { onPassing: (passing) => seen.push(passing) })
  const answer = new Promise((resolve, reject) => {
    // An agent of its own kind, as those of agent-base 6, never passes Node's own.
    const agent = {
      addRequest(request: http.ClientRequest, options: { port: number }) {
        const { connect } = process.getBuiltinModule('node:net')
        request.onSocket(connect(options.port, '127.0.0.1'))
      },
    }
    const options = { agent: agent as never, headers: { connection: 'close' } }
    http.get(`${server.url}/secret?key=1`, options, resolve).on('error', reject)
  })
  await answer
  expect(seen).toEqual([{ layer: 'http', url: `${server.url}/secret` }])
  expect(held.report().passing).toEqual([{ layer: 'http', url: `${server.url}/secret`, count: 1 }])
})

test('a captured fetch is handled once, also where the process is captured with the same handler', async () => {
  const handler = watcher()
  const call = capturedFetch(handler)
  await call(`${server.url}/1`)
  hold(handler)
  await call(`${server.url}/2`, { method: 'POST', body: 'x' })
  await bypass(() => call(`${server.url}/3`))
  expect(handler.seen).toEqual(['fetch GET /1', 'fetch POST /2'])
  expect([call.name, call.length]).toEqual(['fetch', 1])
})

test('a captured fetch may take the place of the global one', async () => {
  const original = globalThis.fetch
  const handler = watcher()
  const call = capturedFetch(handler)
  globalThis.fetch = (input, init) => call(input, init)
  try {
    await fetch(`${server.url}/1`)
    hold(handler)
    await fetch(`${server.url}/2`)
    expect(handler.seen).toEqual(['fetch GET /1', 'fetch GET /2'])
  } finally {
    for (const one of captures) one.release()
    globalThis.fetch = original
  }
})

test('a captured fetch touches no globals', async () => {
  const before = patched()
  await capturedFetch(watcher())(`${server.url}/`)
  expect(patched()).toEqual(before)
  expect(getGlobalDispatcher()).toBeDefined()
})
