import { getEventListeners, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { bytesBody, type HttpHandler, type HttpResponse } from '@holdfast/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bypass, capture, type Capture } from '../index.ts'
import { startRawServer, type RawServer } from '../testing/raw-server.ts'
import { DirectResponse } from './direct-response.ts'

const ok = 'HTTP/1.1 200 OK\r\n'
let pressed = 0
let server: RawServer
let held: Capture | undefined
let seen: HttpResponse[] = []
beforeEach(async () => {
  seen = []
  server = await startRawServer({
    ok: (socket) => void socket.write(`${ok}x-a: b\r\ncontent-length: 2\r\n\r\nok`),
    hang: () => {},
    stall: (socket) => void socket.write(`${ok}content-length: 10\r\n\r\nabc`),
    flood(socket) {
      socket.write(`${ok}content-length: 1000000000\r\n\r\n`)
      pressed = 0
      const press = (): void => {
        if (socket.destroyed) return
        pressed += 65_536
        if (socket.write(Buffer.alloc(65_536))) setImmediate(press)
        else socket.once('drain', press)
      }
      press()
    },
    'close-soon': (socket) =>
      void socket.write(`${ok}keep-alive: timeout=2\r\ncontent-length: 2\r\n\r\nok`),
    'end-idle'(socket) {
      socket.write(`${ok}content-length: 2\r\n\r\nok`)
      // On the second request nothing comes but the end.
      socket.removeAllListeners('data')
      socket.on('data', () => socket.end())
    },
  })
})
afterEach(async () => {
  held?.release()
  await server[Symbol.asyncDispose]()
})

const hold = (handle: HttpHandler['handle'] = (request, transport) => transport(request)): void => {
  held = capture({
    claims: (_, url) => url.startsWith(server.url),
    handle: (request, transport) =>
      handle(request, async (sent, progress) => {
        const response = await transport(sent, progress)
        seen.push(response)
        return response
      }),
  })
}
const isDirect = (): boolean =>
  seen.length > 0 && seen.every((one) => one instanceof DirectResponse)
const aborting = (reason: unknown): AbortSignal => {
  const controller = new AbortController()
  setTimeout(() => controller.abort(reason), 20)
  return controller.signal
}

const inits: Record<string, RequestInit & { cache?: string }> = {
  GET: {},
  DELETE: { method: 'DELETE' },
  OPTIONS: { method: 'OPTIONS' },
  'POST without a body': { method: 'POST' },
  'PUT without a body': { method: 'PUT' },
  'PATCH without a body': { method: 'PATCH' },
  'a text': { method: 'POST', body: 'tëxt' },
  bytes: { method: 'PUT', body: new Uint8Array([1, 2, 200]) },
  'a long text': { method: 'POST', body: 'long '.repeat(20_000) },
  parameters: { method: 'POST', body: new URLSearchParams({ a: 'b c' }) },
  'headers of the caller': {
    method: 'POST',
    body: '{}',
    headers: [
      ['Content-Type', 'application/json'],
      ['Authorization', 'Bearer k'],
      ['X-Twice', '1'],
      ['X-Twice', '2'],
      ['Cookie', 'a=b'],
      ['Content-Length', '2'],
      ['Connection', 'keep-alive'],
    ],
  },
  'headers that fetch has a default for': {
    headers: {
      accept: 'a',
      'accept-language': 'b',
      'user-agent': 'c',
      'accept-encoding': 'identity',
    },
  },
  'what says nothing': {
    method: 'GET',
    redirect: 'follow',
    cache: 'default',
    credentials: 'same-origin',
    keepalive: false,
    signal: null,
  },
}

test.each(Object.entries(inits))(
  'fetch sends the same headers and bytes for %s',
  async (_, init) => {
    const url = `${server.url}/ok/%C3%BC?q=1#hash`
    await (await bypass(() => fetch(url, init))).text()
    hold()
    await (await fetch(url, init)).text()
    const [expected, sent] = server.requests.map(sortedHead)
    expect(sent).toEqual(expected)
    expect(isDirect()).toBe(true)
  },
)

/** Names in lower case and in order; the order of headers of different names says nothing. */
function sortedHead(request: string): unknown {
  const [head = '', ...body] = request.split('\r\n\r\n')
  const [line, ...headers] = head.split('\r\n')
  const pairs = headers.map((header) => {
    const colon = header.indexOf(':')
    return [header.slice(0, colon).toLowerCase(), header.slice(colon + 1).trim()]
  })
  return [
    line,
    pairs.toSorted(([one = ''], [other = '']) => one.localeCompare(other)),
    body.join('\r\n\r\n'),
  ]
}

test('calls share a connection, as those of fetch do, and an answer that nobody read gives it back', async () => {
  hold()
  for (let call = 0; call < 5; call++) {
    // oxlint-disable-next-line no-await-in-loop -- in order
    const response = await fetch(`${server.url}/ok`)
    // oxlint-disable-next-line no-await-in-loop -- in order
    await (call % 2 === 0 ? response.text() : sleep(5))
  }
  expect([server.opened(), isDirect()]).toEqual([1, true])
})

test('a connection is not kept when its server is about to close it', async () => {
  hold()
  for (let call = 0; call < 2; call++) {
    // oxlint-disable-next-line no-await-in-loop -- in order
    await (await fetch(`${server.url}/close-soon`)).text()
    // oxlint-disable-next-line no-await-in-loop -- in order
    await sleep(10)
  }
  expect(server.opened()).toBe(2)
})

test('a kept connection that its server closes instead of answering fails as it does through fetch', async () => {
  const call = async (): Promise<unknown> => {
    await (await fetch(`${server.url}/end-idle`)).text()
    await sleep(10)
    const error = (await fetch(`${server.url}/end-idle`).catch(
      (failure: unknown) => failure,
    )) as Error
    return [error.constructor.name, error.message, (error.cause as { code: string }).code]
  }
  const expected = await bypass(call)
  const told: string[] = []
  hold((request, transport) => transport(request, { connecting: () => told.push('connecting') }))
  await expect(call()).resolves.toEqual(expected)
  expect(told).toEqual(['connecting'])
})

test('an abort before the head rejects with the very reason and ends the connection', async () => {
  hold()
  const reason = { mine: true }
  await expect(fetch(`${server.url}/hang`, { signal: aborting(reason) })).rejects.toBe(reason)
  await expect.poll(() => server.connections.size).toBe(0)
})

test('an abort in the middle fails the body with the very reason and ends the connection', async () => {
  hold()
  const reason = new Error('enough')
  const response = await fetch(`${server.url}/stall`, { signal: aborting(reason) })
  await expect(response.text()).rejects.toBe(reason)
  expect(isDirect()).toBe(true)
  await expect.poll(() => server.connections.size).toBe(0)
})

test('who leaves a stream early ends its connection, and keeps it where all has come', async () => {
  hold()
  const leave = async (script: string): Promise<void> => {
    const controller = new AbortController()
    const { body } = await fetch(`${server.url}/${script}`, { signal: controller.signal })
    await body?.getReader().read()
    controller.abort()
  }
  await leave('ok')
  await leave('ok')
  expect([server.opened(), server.connections.size, isDirect()]).toEqual([1, 1, true])
  await leave('stall')
  await expect.poll(() => server.connections.size).toBe(0)
  await leave('ok')
  expect(server.opened()).toBe(2)
})

test("an abort by the handler's own signal ends its attempt only", async () => {
  const reason = new Error('too slow')
  hold(async (request, transport) => {
    const slow = { ...request, url: `${server.url}/stall`, signal: aborting(reason) }
    await expect((await transport(slow)).body?.readAll()).rejects.toBe(reason)
    return transport(request)
  })
  await expect((await fetch(`${server.url}/ok`)).text()).resolves.toBe('ok')
  expect(isDirect()).toBe(true)
})

test('no listener stays on a signal', async () => {
  hold()
  const { signal } = new AbortController()
  for (let call = 0; call < 5; call++) {
    // oxlint-disable-next-line no-await-in-loop -- in order
    await (await fetch(`${server.url}/ok`, { signal })).text()
    // oxlint-disable-next-line no-await-in-loop -- in order
    await (await fetch(`${server.url}/stall`, { signal })).body?.cancel()
  }
  await expect.poll(() => getEventListeners(signal, 'abort').length).toBe(0)
})

test('a reader that stops holds the server back, and one that goes on lets it go on', async () => {
  hold()
  const response = await fetch(`${server.url}/flood`)
  const reader = response.body?.getReader()
  await reader?.read()
  await sleep(100)
  const before = pressed
  await sleep(100)
  expect([pressed, isDirect()]).toEqual([before, true])
  for (let count = 0; count < 1000; count++) {
    // oxlint-disable-next-line no-await-in-loop -- in order
    await reader?.read()
  }
  expect(pressed).toBeGreaterThan(before)
  await reader?.cancel()
  await expect.poll(() => server.connections.size).toBe(0)
})

test('the body reads as the handler made it, whole or in pieces', async () => {
  hold(async (request, transport) => {
    const from = await transport(request)
    const bytes = (await from.body?.readAll()) ?? Buffer.of()
    const { status, statusText, headers } = from
    return {
      status,
      statusText,
      headers,
      body: bytesBody(Buffer.concat([bytes, Buffer.from('!')])),
      from,
    }
  })
  const response = await fetch(`${server.url}/ok`)
  expect([response.headers.get('x-a'), response.url, await response.text()]).toEqual([
    'b',
    `${server.url}/ok`,
    'ok!',
  ])
})

test('every call has its entry in the resource timings, as those of fetch have', async () => {
  const url = `${server.url}/ok?timed#x`
  const entryOf = async (): Promise<unknown> => {
    performance.clearResourceTimings()
    await (await fetch(url)).text()
    await sleep(1)
    return performance.getEntriesByName(url).map((entry) => {
      const numbers = Object.entries(entry.toJSON() as object)
      return numbers.filter(([name]) => !/start|end|duration/i.test(name))
    })
  }
  const expected = await bypass(entryOf)
  hold()
  await expect(entryOf()).resolves.toEqual(expected)
  expect([(expected as unknown[]).length, isDirect()]).toEqual([1, true])
})

test('an early end of the server is no unhandled rejection where nobody reads', async () => {
  hold()
  const failures: unknown[] = []
  const note = (error: unknown): void => void failures.push(error)
  process.on('unhandledRejection', note)
  await fetch(`${server.url}/stall`)
  for (const socket of server.connections) socket.destroy()
  await sleep(20)
  process.off('unhandledRejection', note)
  expect(failures).toEqual([])
})

test('nothing listens any more once the connection has gone', async () => {
  hold()
  const response = await fetch(`${server.url}/stall`)
  const [socket] = server.connections
  const closed = once(socket as object as NodeJS.EventEmitter, 'close')
  await response.body?.cancel()
  await closed
  expect(server.connections.size).toBe(0)
})
