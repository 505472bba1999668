import {
  bytesBody,
  HoldfastError,
  httpHeaders,
  withHeaders,
  type HttpHandler,
  type HttpRequest,
  type HttpResponse,
} from '@holdfast/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { undiciMajor } from './direct/plain-process.ts'
import { capture, type Capture } from './index.ts'
import { clients } from './testing/clients.ts'
import { startEchoServer, type Echo, type EchoServer } from './testing/echo-server.ts'

let server: EchoServer
let held: Capture | undefined
beforeEach(async () => {
  server = await startEchoServer()
})
afterEach(async () => {
  held?.release()
  await server[Symbol.asyncDispose]()
})

const handle = (work: HttpHandler['handle'], options: { maxBodyBytes?: number } = {}): void => {
  held = capture({ claims: (_, url) => url.startsWith('http://127.0.0.1'), handle: work }, options)
}
const post = { method: 'POST', body: 'as asked', headers: { 'x-mine': 'a', 'x-other': 'b' } }

describe.each(clients)('the transport of %s', (layer, send) => {
  test('sends an untouched request as it came', async () => {
    handle((request, transport) => transport(request))
    const { text } = await send(`${server.url}/a`, post)
    expect(JSON.parse(text)).toMatchObject({
      method: 'POST',
      url: '/a',
      body: 'as asked',
      headers: { 'x-mine': 'a', 'x-other': 'b', 'content-length': '8' },
    })
  })

  test('gives the handler the request', async () => {
    let seen: HttpRequest | undefined
    handle((request, transport) => {
      seen = request
      return transport(request)
    })
    await send(`${server.url}/a?b=c`, post)
    expect(seen).toMatchObject({ method: 'POST', url: `${server.url}/a?b=c` })
    expect(seen?.headers.get('X-Mine')).toBe('a')
    expect(Object.fromEntries(seen?.headers.entries() ?? [])).toMatchObject({ 'x-other': 'b' })
    expect(Buffer.from(seen?.body ?? '').toString()).toBe('as asked')
  })

  test('sends a changed body with its own length', async () => {
    handle((request, transport) => transport({ ...request, body: 'something else, and longer' }))
    const { text } = await send(`${server.url}/a`, post)
    const { body, headers } = JSON.parse(text) as Echo
    expect([body, headers['content-length']]).toEqual(['something else, and longer', '26'])
    expect(headers).toMatchObject({ 'x-mine': 'a', 'x-other': 'b' })
  })

  test('sends changed headers', async () => {
    handle((request, transport) => {
      const headers = withHeaders(request.headers, { 'x-mine': 'changed', 'x-other': undefined })
      return transport({ ...request, headers })
    })
    const { headers, body } = JSON.parse((await send(`${server.url}/a`, post)).text) as Echo
    expect([headers['x-mine'], headers['x-other'], body]).toEqual([
      'changed',
      undefined,
      'as asked',
    ])
  })

  test('sends a changed method', async () => {
    handle((request, transport) => transport({ ...request, method: 'PUT' }))
    const { text } = await send(`${server.url}/a`, post)
    expect(JSON.parse(text)).toMatchObject({ method: 'PUT', body: 'as asked' })
  })

  test('sends to a changed URL, on another host too', async () => {
    await using other = await startEchoServer()
    handle((request, transport) => transport({ ...request, url: `${other.url}/b?c=d` }))
    const { headers, ...echo } = JSON.parse((await send(`${server.url}/a`, post)).text) as Echo
    expect(echo).toEqual({ method: 'POST', url: '/b?c=d', body: 'as asked' })
    expect([headers['host'], headers['x-mine']]).toEqual([new URL(other.url).host, 'a'])
    expect([server.requests.length, other.requests.length]).toEqual([0, 1])
  })

  test('may be called again, for another attempt', async () => {
    handle(async (request, transport) => {
      const first = await transport(request)
      await first.body?.cancel()
      await (await transport(request)).body?.readAll()
      return transport({ ...request, body: 'third' })
    })
    expect(JSON.parse((await send(`${server.url}/a`, post)).text)).toMatchObject({ body: 'third' })
    expect(server.requests.map(({ body }) => body)).toEqual(['as asked', 'as asked', 'third'])
  })

  test('obeys the signal of an attempt', async () => {
    handle(async (request, transport) => {
      const reason = new Error('too slow')
      const controller = new AbortController()
      setTimeout(() => controller.abort(reason), 20)
      const { signal } = controller
      const failed: unknown = await transport({
        ...request,
        url: `${server.url}/hang`,
        signal,
      }).catch((error: unknown) => error)
      expect(failed).toBe(reason)
      return transport(request)
    })
    await expect(send(`${server.url}/a`, post)).resolves.toMatchObject({ status: 200 })
  })

  test('gives the failure of a connection as it is', async () => {
    let failure: unknown
    handle(async (request, transport) => {
      await transport({ ...request, url: 'http://127.0.0.1:2/' }).catch((error: unknown) => {
        failure = error
      })
      return transport(request)
    })
    await send(`${server.url}/a`, post)
    const error = failure as Error & { code?: string; cause?: { code?: string } }
    expect(error.code ?? error.cause?.code).toBe('ECONNREFUSED')
  })

  // The fetch of Node 22 knows no zstd.
  const zstd = layer === 'fetch' && undiciMajor < 7 ? [] : ['zstd']
  test.each(['gzip', 'deflate', 'deflate, raw', 'br', ...zstd, 'gzip, br'])(
    'undoes the encoding %s',
    async (encoding) => {
      let read: Uint8Array | undefined
      handle(async (request, transport) => {
        const response = await transport(request)
        read = await response.body?.readAll()
        const { status, statusText, headers } = response
        return { status, statusText, headers, body: bytesBody(read ?? Buffer.of()), from: response }
      })
      const accepts = { ...post, headers: { 'accept-encoding': encoding } }
      const { text } = await send(
        `${server.url}/a?encoding=${encodeURIComponent(encoding)}`,
        accepts,
      )
      expect(JSON.parse(Buffer.from(read ?? []).toString())).toMatchObject({ body: 'as asked' })
      expect(JSON.parse(text)).toMatchObject({ body: 'as asked' })
    },
  )
})

describe.each(clients)('the answer through %s', (layer, send) => {
  test('may be made up', async () => {
    handle(() =>
      Promise.resolve({
        status: 418,
        statusText: 'Teapot',
        headers: httpHeaders({ 'x-made': 'up', 'content-type': 'text/plain' }),
        body: bytesBody(Buffer.from('short and stout')),
      }),
    )
    const { status, header, text } = await send(`${server.url}/a`)
    expect([status, header('x-made'), text]).toEqual([418, 'up', 'short and stout'])
    expect(server.requests).toEqual([])
  })

  test('may have no body', async () => {
    const headers = httpHeaders({})
    handle(() => Promise.resolve({ status: 204, statusText: '', headers, body: undefined }))
    expect(await send(`${server.url}/a`)).toMatchObject({ status: 204, text: '' })
  })

  test('may have another body, which may be empty', async () => {
    handle(async (request, transport) => {
      const from = await transport(request)
      await from.body?.cancel()
      return { ...from, body: bytesBody(Buffer.of()), from }
    })
    expect(await send(`${server.url}/a`)).toMatchObject({ status: 200, text: '' })
  })

  test('may have another status and other headers', async () => {
    handle(async (request, transport) => {
      const from = await transport(request)
      return {
        status: 529,
        statusText: 'Overloaded',
        headers: withHeaders(from.headers, { 'x-should-retry': 'false' }),
        body: from.body,
        from,
      }
    })
    const { status, header, text } = await send(`${server.url}/a`, post)
    expect([status, header('x-should-retry'), header('x-from')]).toEqual([529, 'false', 'network'])
    expect(JSON.parse(text)).toMatchObject({ body: 'as asked' })
  })

  test('may be the same network answer for two callers', async () => {
    let shared: Promise<HttpResponse> | undefined
    let bytes: Promise<Uint8Array> | undefined
    handle(async (request, transport) => {
      const from = await (shared ??= transport(request))
      bytes ??= from.body?.readAll()
      return { ...from, body: bytesBody((await bytes) ?? Buffer.of()), from }
    })
    const both = await Promise.all([send(`${server.url}/a`, post), send(`${server.url}/a`, post)])
    for (const { text } of both) expect(JSON.parse(text)).toMatchObject({ body: 'as asked' })
    expect(server.requests.length).toBe(1)
  })

  test('leaves alone what the handler kept of it', async () => {
    const kept = new Uint8Array(Buffer.from('kept'))
    const headers = httpHeaders({})
    handle(() => Promise.resolve({ status: 200, statusText: 'OK', headers, body: bytesBody(kept) }))
    expect((await send(`${server.url}/a`)).text).toBe('kept')
    if (layer === 'fetch') {
      const response = await fetch(`${server.url}/a`)
      for await (const chunk of response.body ?? []) chunk.fill(0)
      const bytes = await (await fetch(`${server.url}/a`)).arrayBuffer()
      new Uint8Array(bytes).fill(0)
    }
    expect(Buffer.from(kept).toString()).toBe('kept')
  })

  test('may be an error, which the application gets as the very object', async () => {
    const error = new HoldfastError('CIRCUIT_OPEN', 'not now')
    handle(() => Promise.reject(error))
    await expect(send(`${server.url}/a`)).rejects.toBe(error)
  })

  test('may be an error that is thrown at once', async () => {
    const error = new Error('thrown')
    handle(() => {
      throw error
    })
    await expect(send(`${server.url}/a`)).rejects.toBe(error)
  })

  test('may fail in the middle, with the very error', async () => {
    const error = new HoldfastError('STREAM_INCOMPLETE', 'cut')
    let reads = 0
    const body = {
      ...bytesBody(Buffer.of()),
      readAll: () => Promise.reject(error),
      read: () => (reads++ === 0 ? Promise.resolve(Buffer.from('some')) : Promise.reject(error)),
    }
    const headers = httpHeaders({})
    handle(() => Promise.resolve({ status: 200, statusText: 'OK', headers, body }))
    await expect(send(`${server.url}/a`)).rejects.toBe(error)
  })

  test('does not come where the caller has given up, whatever the handler does', async () => {
    let signal: AbortSignal | undefined
    handle((request) => {
      ;({ signal } = request)
      return new Promise(() => {})
    })
    const failed = send(`${server.url}/a`, { signal: AbortSignal.timeout(30) })
    await expect(failed).rejects.toThrow()
    await expect.poll(() => signal?.aborted).toBe(true)
  })

  test('that comes too late is cancelled', async () => {
    const cancelled = Promise.withResolvers<void>()
    const headers = httpHeaders({})
    handle(async ({ signal }) => {
      await new Promise((resolve) => {
        signal?.addEventListener('abort', resolve)
      })
      const body = { ...bytesBody(Buffer.from('late')), cancel: async () => cancelled.resolve() }
      return { status: 200, statusText: 'OK', headers, body }
    })
    await expect(send(`${server.url}/a`, { signal: AbortSignal.timeout(30) })).rejects.toThrow()
    await cancelled.promise
  })
})

test('a body that can be read only once is sent again by every attempt, streamed as it was', async () => {
  const bodies: unknown[] = []
  handle(async (request, transport) => {
    bodies.push(Buffer.from(request.body ?? '').toString())
    await (await transport(request)).body?.cancel()
    return transport({ ...request })
  })
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.from('on'))
      controller.enqueue(Buffer.from('ce'))
      controller.close()
    },
  })
  await fetch(`${server.url}/a`, { method: 'POST', body, duplex: 'half' })
  expect(bodies).toEqual(['once'])
  expect(
    server.requests.map((request) => [request.body, request.headers['transfer-encoding']]),
  ).toEqual([
    ['once', 'chunked'],
    ['once', 'chunked'],
  ])
})

test('a Request is sent again by every attempt, to another host too, and the application sees it used', async () => {
  await using other = await startEchoServer()
  handle(async (request, transport) => {
    await (await transport(request)).body?.cancel()
    return transport({ ...request, url: `${other.url}/b` })
  })
  const request = new Request(`${server.url}/a`, {
    method: 'POST',
    body: 'once',
    headers: { a: 'b' },
  })
  const response = await fetch(request)
  expect([request.bodyUsed, await response.json()]).toMatchObject([
    true,
    { url: '/b', body: 'once', headers: { a: 'b' } },
  ])
  expect(server.requests).toMatchObject([{ url: '/a', body: 'once' }])
})

test.each(['fetch', 'undici', 'http'])(
  'a one-shot body above the limit passes %s whole and without the handler',
  async (layer) => {
    let handled = 0
    handle(
      (request, transport) => {
        handled++
        return transport(request)
      },
      { maxBodyBytes: 100_000 },
    )
    const parts = Array.from({ length: 10 }, () => Buffer.alloc(50_000, 'a'))
    const { Readable } = await import('node:stream')
    let echo: Echo
    if (layer === 'fetch') {
      const body = Readable.toWeb(Readable.from(parts)) as ReadableStream
      const response = await fetch(`${server.url}/a`, { method: 'POST', body, duplex: 'half' })
      echo = (await response.json()) as Echo
    } else if (layer === 'undici') {
      const { request } = await import('undici8')
      const options = { method: 'POST', body: Readable.from(parts) } as const
      echo = (await (await request(`${server.url}/a`, options)).body.json()) as Echo
    } else {
      const [, , [, send]] = clients as never as [unknown, unknown, (typeof clients)[number]]
      const { text } = await send(`${server.url}/a`, {
        method: 'POST',
        body: String(Buffer.concat(parts)),
      })
      echo = JSON.parse(text) as Echo
    }
    expect([echo.body.length, handled]).toEqual([500_000, 0])
  },
)

test.each(clients)(
  'the transport of %s tells of a connection being opened, and of being on it',
  async (_, send) => {
    const told: string[] = []
    const progress = { connecting: () => told.push('connecting'), sent: () => told.push('sent') }
    handle((request, transport) => transport(request, progress))
    await using fresh = await startEchoServer()
    await send(`${fresh.url}/a`, { ...post, headers: { connection: 'keep-alive' } })
    expect(told).toEqual(['connecting', 'sent'])
    await new Promise((resolve) => void setTimeout(resolve, 10))
    await send(`${fresh.url}/a`, post)
    expect(told).toEqual(['connecting', 'sent', 'sent'])
  },
)

test('a call goes on where a test has put the clock into its own hands', async () => {
  handle((request, transport) => transport(request))
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] })
  try {
    for (const [, send] of clients) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      await expect(send(`${server.url}/a`, post)).resolves.toMatchObject({ status: 200 })
    }
  } finally {
    vi.useRealTimers()
  }
})

test('init keeps what fetch does not know here', async () => {
  const original = globalThis.fetch
  const inits: unknown[] = []
  globalThis.fetch = (_: unknown, init: unknown) => {
    inits.push(init)
    return Promise.resolve(new Response('x'))
  }
  try {
    handle((request, transport) => transport({ ...request, body: 'changed' }))
    const dispatcher = {}
    await fetch('http://127.0.0.1/', { ...post, dispatcher, next: 1, redirect: 'error' } as never)
    expect(inits).toEqual([{ ...post, body: 'changed', dispatcher, next: 1, redirect: 'error' }])
    expect((inits[0] as { dispatcher: unknown }).dispatcher).toBe(dispatcher)
  } finally {
    held?.release()
    globalThis.fetch = original
  }
})
