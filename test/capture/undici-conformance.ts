// Prints what an application can tell about the undici package, as JSON: bare, or captured with one of the handlers.
//   node undici-conformance.ts bare|pass|whole|stream|peek
import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { capture } from '@holdfast/capture'
import type * as Undici from '../../packages/capture/node_modules/undici8/types/index.d.ts'
import { importClient } from './client-packages.ts'
import { handlers, type HandlerName } from './handlers.ts'
import { Observed } from './observed.ts'

const variant = process.argv[2] as HandlerName | 'bare'
const counts = { requests: 0, closed: 0, claimed: 0 }

type Route = (request: IncomingMessage, response: ServerResponse) => void
const routes: Record<string, Route> = {
  '/json': (_, response) =>
    response
      .writeHead(200, 'Fine Indeed', {
        'content-type': 'application/json',
        'Content-Length': '7',
        'set-cookie': ['a=1', 'b=2'],
      })
      .end('{"a":1}'),
  '/gz': (_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('zipped')),
  '/204': (_, response) => response.writeHead(204).end(),
  '/500': (_, response) => response.writeHead(500).end('failed'),
  '/redir': (_, response) => response.writeHead(302, { location: '/json' }).end(),
  '/trailers': (_, response) => {
    response.writeHead(200, { trailer: 'x-sum', 'transfer-encoding': 'chunked' })
    response.write('body')
    response.addTrailers({ 'x-sum': '42' })
    response.end()
  },
  '/early': (_, response) => {
    response.writeEarlyHints({ link: '</a>; rel=preload' })
    setTimeout(() => response.end('late'), 10)
  },
  '/flaky': (request, response) => {
    const failed = counts.requests % 2 === 1
    response.writeHead(failed ? 503 : 200).end(`${request.method}`)
  },
  '/sse': (_, response) => {
    let sent = 0
    const timer = setInterval(() => {
      response.write(`data: ${sent++}\n\n`)
      if (sent > 20) response.end()
    }, 5)
    response.on('close', () => {
      clearInterval(timer)
      counts.closed++
    })
  },
  '/hang': (_, response) => void response.on('close', () => counts.closed++),
  '/stall': (_, response) => void response.write('begun'),
  '/drop': (_, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('partial')
    setTimeout(() => response.destroy(), 20)
  },
  '/refuse': (_, response) => void response.socket?.destroy(),
  '/big': (_, response) => response.end(Buffer.alloc(3_000_000, 'x')),
}
const server = http.createServer((request, response) => {
  counts.requests++
  const route = routes[request.url ?? '']
  if (route !== undefined) return route(request, response)
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const { method, url, headers, rawHeaders } = request
    const names = rawHeaders.filter((_, index) => index % 2 === 0).toSorted()
    response.end(
      JSON.stringify({ method, url, headers, names, body: Buffer.concat(chunks).toString() }),
    )
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
// Nobody listens there, and fetch does not forbid it.
const closedPort = 2

if (variant !== 'bare') {
  const claims = (_: string, url: string): boolean => {
    if (!url.startsWith('http://127.0.0.1')) return false
    counts.claimed++
    return true
  }
  // The undici layer alone, so that fetch arrives here too.
  capture(handlers[variant](claims), { layers: ['undici'] })
}

const failure = async (work: () => unknown): Promise<unknown> => {
  try {
    await work()
    return 'no failure'
  } catch (error) {
    if (!(error instanceof Error)) return ['not an Error', error]
    const { name, message, code, cause } = error as Error & { code?: unknown }
    const why = cause as { code?: string; name?: string } | undefined
    const port = /127\.0\.0\.1:\d+/g
    return [
      name,
      message.replace(port, '<host>'),
      error.constructor.name,
      code,
      why?.code,
      why?.name,
    ]
  }
}
const observed = new Observed()
interface Echo {
  method: string
  url: string
  body: string
  names: string[]
  headers: Record<string, string>
}
const shown = ({ method, url, body, names, headers }: Echo): unknown => {
  const { 'content-length': length, 'transfer-encoding': framing, 'x-a': custom } = headers
  return [method, url, body, names, length, framing, custom]
}

async function checkFetch(copy: string, undici: Pick<typeof Undici, 'fetch'>): Promise<void> {
  const fetch = undici.fetch as unknown as typeof globalThis.fetch
  const it = (name: string, work: () => unknown): Promise<void> =>
    observed.check(`${copy} fetch: ${name}`, work)
  await it('status, headers and body', async () => {
    const response = await fetch(`${base}/json`)
    const { status, statusText, url, headers, type } = response
    const cookies = headers.getSetCookie()
    return [status, statusText, url === `${base}/json`, type, cookies, await response.json()]
  })
  await it('post of a string', async () =>
    shown((await (await fetch(`${base}/echo`, post('{"a":1}'))).json()) as Echo))
  await it('post of a stream', async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from('ab'))
        controller.close()
      },
    })
    const init = { ...post(body), duplex: 'half' } as RequestInit
    return shown((await (await fetch(`${base}/echo`, init)).json()) as Echo)
  })
  await it('gzip', async () => {
    const response = await fetch(`${base}/gz`)
    return response.text()
  })
  await it('redirect', async () => {
    const response = await fetch(`${base}/redir`)
    return [response.redirected, response.url.replace(base, ''), await response.text()]
  })
  await it('204', async () => (await fetch(`${base}/204`)).body)
  await it('events as they come', async () => {
    const response = await fetch(`${base}/sse`)
    const start = performance.now()
    const reader = response.body?.getReader()
    await reader?.read()
    const early = performance.now() - start < 80
    let text = ''
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      const part = await reader?.read()
      if (part === undefined || part.done) break
      text += Buffer.from(part.value).toString()
    }
    return [early, text.includes('data: 20')]
  })
  await it('abort with a reason', async () => {
    const controller = new AbortController()
    const reason = new Error('mine')
    setTimeout(() => controller.abort(reason), 30)
    const before = counts.closed
    const caught: unknown = await fetch(`${base}/hang`, { signal: controller.signal }).catch(
      (error: unknown) => error,
    )
    await sleep(30)
    return [caught === reason, counts.closed - before]
  })
  await it('abort in the middle', async () => {
    const controller = new AbortController()
    const before = counts.closed
    const response = await fetch(`${base}/sse`, { signal: controller.signal })
    setTimeout(() => controller.abort(), 30)
    const failed = await failure(() => response.text())
    await sleep(30)
    return [failed, counts.closed - before]
  })
  await it('cancel', async () => {
    const before = counts.closed
    const response = await fetch(`${base}/sse`)
    await response.body?.cancel()
    await sleep(50)
    return counts.closed - before
  })
  await it('a cut answer', () => failure(async () => (await fetch(`${base}/drop`)).text()))
  await it('a connection that is closed', () => failure(() => fetch(`${base}/refuse`)))
  await it('a refused connection', () => failure(() => fetch(`http://127.0.0.1:${closedPort}/x`)))
}

const post = (body: unknown): RequestInit =>
  ({ method: 'POST', body, headers: { 'X-A': 'b', 'content-type': 'text/plain' } }) as RequestInit

async function checkClient(copy: string, undici: typeof Undici): Promise<void> {
  const it = (name: string, work: () => unknown): Promise<void> =>
    observed.check(`${copy} ${name}`, work)
  const { request } = undici
  await it('request', async () => {
    const { statusCode, headers, body } = await request(`${base}/json`)
    // A handler that changes the answer may change its length.
    const length = headers['content-length'] ?? '7'
    return [statusCode, headers['set-cookie'], length, await body.json()]
  })
  await it('request with query', async () => {
    const { body } = await request(`${base}/echo`, { query: { a: '1', b: 'x y' } })
    return ((await body.json()) as Echo).url
  })
  const bodies: Record<string, () => unknown> = {
    'a string': () => 'text',
    'a Buffer': () => Buffer.from('bytes'),
    'a Readable': () => Readable.from([Buffer.from('a'), Buffer.from('b')]),
    'an async iterable': () =>
      (async function* parts() {
        yield 'a'
        yield Buffer.from('c')
      })(),
    'an empty string': () => '',
  }
  for (const [name, body] of Object.entries(bodies)) {
    // oxlint-disable-next-line no-await-in-loop -- in order
    await it(`request with ${name}`, async () => {
      const options = { method: 'POST', body: body(), headers: { 'X-A': 'b' } }
      return shown((await (await request(`${base}/echo`, options as object)).body.json()) as Echo)
    })
  }
  await it('request with a form', async () => {
    const form = new undici.FormData()
    form.append('a', 'b')
    const { body } = await request(`${base}/echo`, { method: 'POST', body: form })
    return ((await body.json()) as Echo).body.length > 50
  })
  await it('headers in a list', async () => {
    const headers = ['X-A', 'b', 'x-c', 'd']
    const { body } = await request(`${base}/echo`, { headers })
    return shown((await body.json()) as Echo)
  })
  await it('gzip stays as it is', async () => {
    const { headers, body } = await request(`${base}/gz`)
    const bytes = Buffer.from(await body.arrayBuffer())
    // A handler that touches the answer has it decoded, and says so.
    return headers['content-encoding'] === 'gzip' ? bytes.length : bytes.toString().length + 20
  })
  await it('trailers', async () => {
    const { body, trailers } = await request(`${base}/trailers`)
    return [await body.text(), trailers]
  })
  await it('early hints', async () => {
    const seen: unknown[] = []
    const onInfo = ({ statusCode }: { statusCode: number }): void => void seen.push(statusCode)
    const { statusCode, body } = await request(`${base}/early`, { onInfo })
    return [seen, statusCode, await body.text()]
  })
  await it('HEAD', async () => {
    const { statusCode, headers, body } = await request(`${base}/json`, { method: 'HEAD' })
    return [statusCode, headers['content-length'] ?? '7', await body.text()]
  })
  await it('stream', async () => {
    const sink = new PassThrough()
    let seen: unknown
    await undici.stream(`${base}/json`, { method: 'GET' }, ({ statusCode }) => {
      seen = statusCode
      return sink
    })
    return [seen, String(sink.read())]
  })
  await it('pipeline', async () => {
    const duplex = undici.pipeline(`${base}/echo`, { method: 'PUT' }, ({ body }) => body)
    duplex.end('piped')
    const chunks: Buffer[] = []
    for await (const chunk of duplex) chunks.push(chunk as Buffer)
    // How it is framed depends on whether all was written before the connection stood.
    const { method, url, body } = JSON.parse(Buffer.concat(chunks).toString()) as Echo
    return [method, url, body]
  })
  await it('Client', async () => {
    const client = new undici.Client(base)
    const { body } = await client.request({ path: '/echo?q=1', method: 'POST', body: 'x' })
    const echo = shown((await body.json()) as Echo)
    await client.close()
    return [echo, client.closed, await failure(() => client.request({ path: '/', method: 'GET' }))]
  })
  await it('Pool, many at once', async () => {
    const pool = new undici.Pool(base, { connections: 2 })
    const texts = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const { body } = await pool.request({ path: '/echo', method: 'POST', body: `${index}` })
        return ((await body.json()) as Echo).body
      }),
    )
    await pool.close()
    return texts
  })
  await it('abort before the head', async () => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 30)
    const before = counts.closed
    const failed = await failure(() => request(`${base}/hang`, { signal: controller.signal }))
    await sleep(30)
    return [failed, counts.closed - before]
  })
  await it('abort with a reason', async () => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(new RangeError('mine')), 30)
    return failure(() => request(`${base}/hang`, { signal: controller.signal }))
  })
  await it('abort while reading', async () => {
    const controller = new AbortController()
    const before = counts.closed
    const { body } = await request(`${base}/sse`, { signal: controller.signal })
    setTimeout(() => controller.abort(), 30)
    const failed = await failure(() => body.text())
    await sleep(30)
    return [failed, counts.closed - before]
  })
  await it('destroying the body', async () => {
    const before = counts.closed
    const { body } = await request(`${base}/sse`)
    body.on('error', () => {})
    body.destroy()
    await sleep(50)
    return counts.closed - before
  })
  await it('headersTimeout', () => failure(() => request(`${base}/hang`, { headersTimeout: 50 })))
  await it('bodyTimeout', () =>
    failure(async () => (await request(`${base}/stall`, { bodyTimeout: 50 })).body.text()))
  await it('a cut answer', () => failure(async () => (await request(`${base}/drop`)).body.text()))
  await it('a connection that is closed', () => failure(() => request(`${base}/refuse`)))
  await it('a refused connection', () => failure(() => request(`http://127.0.0.1:${closedPort}/`)))
  await it('invalid options', () =>
    failure(() => request(`${base}/json`, { method: 'A B' as never })))
  await it('a slow reader gets all', async () => {
    const { body } = await request(`${base}/big`)
    let size = 0
    for await (const chunk of body) {
      size += (chunk as Buffer).length
      await sleep(1)
    }
    return size
  })
  await it('an answer nobody reads can be dumped', async () => {
    const { body } = await request(`${base}/json`)
    await body.dump()
    return body.bodyUsed
  })
  if ('RetryAgent' in undici) {
    await it('RetryAgent', async () => {
      counts.requests = 0
      const agent = new undici.RetryAgent(new undici.Agent(), { minTimeout: 1, statusCodes: [503] })
      const options = { origin: base, path: '/flaky', method: 'GET' } as const
      const { statusCode, body } = await agent.request(options)
      return [statusCode, await body.text(), counts.requests]
    })
  }
  await it('a redirecting agent', async () => {
    if (!('interceptors' in undici) || undici.interceptors.redirect === undefined) return 'none'
    const agent = new undici.Agent().compose(undici.interceptors.redirect({ maxRedirections: 1 }))
    const { statusCode, body } = await request(`${base}/redir`, { dispatcher: agent })
    return [statusCode, await body.text()]
  })
  await it('MockAgent', async () => {
    const agent = new undici.MockAgent()
    agent.disableNetConnect()
    agent
      .get(base)
      .intercept({ path: '/mocked', method: 'POST' })
      .reply(201, { mocked: true }, { headers: { 'content-type': 'application/json' } })
    const { statusCode, body } = await request(`${base}/mocked`, {
      dispatcher: agent,
      method: 'POST',
      body: 'x',
    })
    return [statusCode, await body.json()]
  })
  await it('dispatch', async () => {
    const agent = new undici.Agent()
    const events: string[] = []
    const done = Promise.withResolvers<void>()
    const modern = {
      onRequestStart: () => events.push('start'),
      onResponseStart: (_: unknown, status: number) => events.push(`head ${status}`),
      onResponseData: (_: unknown, chunk: Buffer) => events.push(`data ${String(chunk)}`),
      onResponseEnd: () => (events.push('end'), done.resolve()),
      onResponseError: (_: unknown, error: unknown) => done.reject(error),
    }
    const legacy = {
      onConnect: () => events.push('start'),
      onHeaders: (status: number) => (events.push(`head ${status}`), true),
      onData: (chunk: Buffer) => (events.push(`data ${String(chunk)}`), true),
      onComplete: () => (events.push('end'), done.resolve()),
      onError: (error: unknown) => done.reject(error),
    }
    const handler = copy >= 'undici7' ? modern : legacy
    const busy = agent.dispatch({ origin: base, path: '/json', method: 'GET' }, handler as object)
    await done.promise
    return [busy, events]
  })
}

await checkFetch('built-in', globalThis as never)
for (const major of [5, 6, 7, 8]) {
  const copy = `undici${major}`
  // oxlint-disable-next-line no-await-in-loop -- one at a time
  const { default: undici } = await importClient<{ default: typeof Undici }>(copy)
  // The newest undici takes Node's own place in the older ones otherwise.
  undici.setGlobalDispatcher(new undici.Agent())
  // oxlint-disable-next-line no-await-in-loop -- one at a time
  await checkFetch(copy, undici)
  // oxlint-disable-next-line no-await-in-loop -- one at a time
  await checkClient(copy, undici)
}
await observed.end(counts.claimed)
