// Prints what an application can tell about node:http and node:https, as JSON: bare, or captured with a handler.
//   node http-conformance.ts bare|pass|whole|stream|peek
import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import http, {
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
  type ServerResponse,
} from 'node:http'
import https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { Readable, pipeline } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { capture } from '@holdfast/capture'
import { handlers, type HandlerName } from './handlers.ts'
import { cert, key } from './localhost-certificate.ts'
import { Observed } from './observed.ts'

const variant = process.argv[2] as HandlerName | 'bare'
const counts = { requests: 0, closed: 0, claimed: 0, sockets: new Set<Socket>() }

type Route = (request: IncomingMessage, response: ServerResponse) => void
const routes: Record<string, Route> = {
  '/json': (_, response) =>
    response
      .writeHead(200, 'Fine Indeed', {
        'Content-Type': 'application/json',
        'Set-Cookie': ['a=1', 'b=2'],
        'X-Case': 'Kept',
      })
      .end('{"a":1}'),
  '/gz': (_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('zipped')),
  '/204': (_, response) => response.writeHead(204).end(),
  '/304': (_, response) => response.writeHead(304).end(),
  '/500': (_, response) => response.writeHead(500).end('failed'),
  '/trailers': (_, response) => {
    response.writeHead(200, { trailer: 'X-Sum', 'transfer-encoding': 'chunked' })
    response.write('body')
    response.addTrailers({ 'X-Sum': '42' })
    response.end()
  },
  '/early': (_, response) => {
    response.writeEarlyHints({ link: '</a>; rel=preload' })
    setTimeout(() => response.end('late'), 10)
  },
  '/until-close': (_, response) => {
    response.useChunkedEncodingByDefault = false
    response.writeHead(200, { connection: 'close' })
    response.write('part ')
    setTimeout(() => response.end('and end'), 10)
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
  '/drop': (_, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('partial')
    setTimeout(() => response.destroy(), 20)
  },
  '/drop-chunked': (_, response) => {
    response.write('partial')
    setTimeout(() => response.destroy(), 20)
  },
  '/refuse': (_, response) => void response.socket?.destroy(),
  '/garbage': (_, response) => void response.socket?.end('this is no HTTP\r\n\r\n'),
  '/big': (_, response) => response.end(Buffer.alloc(3_000_000, 'x')),
}
const listener = (request: IncomingMessage, response: ServerResponse): void => {
  counts.requests++
  counts.sockets.add(request.socket)
  const route = routes[request.url ?? '']
  if (route !== undefined) return route(request, response)
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('error', () => {})
  request.on('end', () => {
    const { method, url, rawHeaders, rawTrailers } = request
    const body = Buffer.concat(chunks).toString()
    const shown = rawHeaders.map((text) => text.replace(/:\d+$/, ''))
    const sent = body.length > 200 ? body.length : body
    response.end(JSON.stringify({ method, url, headers: shown, trailers: rawTrailers, body: sent }))
  })
}
const plain = http.createServer(listener).listen(0, '127.0.0.1')
const secure = https.createServer({ key, cert }, listener).listen(0, '127.0.0.1')
await Promise.all([once(plain, 'listening'), once(secure, 'listening')])
const portOf = (server: http.Server): number => (server.address() as AddressInfo).port
const base = `http://127.0.0.1:${portOf(plain)}`
const secureBase = `https://localhost:${portOf(secure)}`

if (variant !== 'bare') {
  const claims = (_: string, url: string): boolean => {
    if (!/^https?:\/\/(127\.0\.0\.1|localhost|named)/.test(url)) return false
    counts.claimed++
    return true
  }
  capture(handlers[variant](claims), { layers: ['http'] })
}

const failure = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error
  const { name, message, code } = error as Error & { code?: unknown }
  return [name, message.replace(/127\.0\.0\.1:\d+/, '<host>'), error.constructor.name, code]
}
const observed = new Observed(failure)
const check = (name: string, work: () => unknown): Promise<void> => observed.check(name, work)

interface Answer {
  status: number | undefined
  message: IncomingMessage
  text: string
}
/** Reads a request's answer to the end; fails where the request or its answer fails. */
const answerOf = (request: ClientRequest): Promise<Answer> =>
  new Promise((resolve, reject) => {
    request.on('error', reject)
    request.on('response', (message: IncomingMessage) => {
      const chunks: Buffer[] = []
      message.on('data', (chunk: Buffer) => chunks.push(chunk))
      message.on('error', (error) => reject(Object.assign(error, { from: 'response' })))
      message.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: message.statusCode, message, text })
      })
    })
  })
const get = (path: string, options: RequestOptions = {}): Promise<Answer> =>
  answerOf(http.get(`${base}${path}`, options))
const post = (options: RequestOptions, ...parts: (string | Buffer)[]): Promise<Answer> => {
  const request = http.request(`${base}/echo`, { method: 'POST', ...options })
  for (const part of parts) request.write(part)
  request.end()
  return answerOf(request)
}
const failing = (request: ClientRequest): Promise<unknown> => answerOf(request).catch(failure)
/** The events of a request and of its answer, in the order in which they came. */
const eventsOf = (request: ClientRequest): { events: string[]; over: Promise<unknown> } => {
  const events: string[] = []
  const note = (
    emitter: ClientRequest | IncomingMessage,
    prefix: string,
    names: string[],
  ): void => {
    for (const name of names) emitter.on(name, () => events.push(`${prefix}${name}`))
  }
  note(request, '', [
    'socket',
    'finish',
    'response',
    'abort',
    'timeout',
    'error',
    'close',
    'continue',
  ])
  request.on('response', (message) => {
    note(message, 'response ', ['aborted', 'error', 'end', 'close'])
    message.resume()
  })
  const over = new Promise((resolve) => void request.once('close', () => setTimeout(resolve, 30)))
  return { events, over }
}

await check('a whole answer', async () => {
  const { status, message, text } = await get('/json')
  const { statusMessage, httpVersion, headers, complete } = message
  const { date: _, 'content-length': __, 'transfer-encoding': ___, ...rest } = headers
  return [status, statusMessage, httpVersion, rest, complete, text]
})
await check('raw headers keep case and order', async () => {
  const { message } = await get('/json')
  const framing = /^(transfer-encoding|content-length)$/i
  return message.rawHeaders.filter((text, index) => index % 2 === 0 && !framing.test(text))
})
await check('the request on the wire', async () => {
  const headers = { 'X-Mixed-Case': 'a', Accept: ['b', 'c'], 'content-type': 'text/plain' }
  return (await post({ headers }, 'body')).text
})
await check(
  'content-length',
  async () => (await post({ headers: { 'Content-Length': 4 } }, 'body')).text,
)
await check('end(body)', async () => {
  const request = http.request(`${base}/echo`, { method: 'PUT' })
  request.end('all at once')
  return (await answerOf(request)).text
})
await check(
  'headers in a list',
  async () =>
    (await post({ headers: ['Host', 'named', 'X-A', 'b', 'X-A', 'c'] as never }, 'x')).text,
)
await check('a request without a body', async () => (await get('/echo?a=1&b=%20')).text)
await check('options instead of a URL', async () => {
  const options = { host: '127.0.0.1', port: portOf(plain), path: '/echo', auth: 'u:p' }
  return (await answerOf(http.get(options))).text
})
await check('a large upload', async () =>
  (await post({}, Buffer.alloc(1_000_000, 'a'), Buffer.alloc(1_000_000, 'b'))).text.slice(-15),
)
await check('a piped upload', async () => {
  const request = http.request(`${base}/echo`, { method: 'POST' })
  pipeline(Readable.from([Buffer.from('a'), Buffer.from('b')]), request, () => {})
  return (await answerOf(request)).text
})
await check('request trailers', async () => {
  const request = http.request(`${base}/echo`, { method: 'POST', headers: { Trailer: 'X-T' } })
  request.write('x')
  request.addTrailers({ 'X-T': 'late' })
  request.end()
  return (await answerOf(request)).text
})
await check('events of a whole exchange', async () => {
  const { events, over } = eventsOf(http.get(`${base}/json`))
  await over
  return events
})
await check('write callbacks and finish', async () => {
  const request = http.request(`${base}/echo`, { method: 'POST' })
  const called: string[] = []
  request.write('a', () => called.push('write'))
  request.end('b', () => called.push('end'))
  await answerOf(request)
  return [called.toSorted(), request.writableFinished, request.finished]
})
await check('gzip', async () => {
  const { message, text } = await get('/gz')
  // A handler that touches the answer has it decoded, and says so.
  return message.headers['content-encoding'] === 'gzip' || text === 'zipped'
})
await check('204, 304 and HEAD', async () => {
  const head = http.request(`${base}/json`, { method: 'HEAD' })
  head.end()
  const answers = await Promise.all([get('/204'), get('/304'), answerOf(head)])
  return answers.map(({ status, text, message }) => [status, text, message.complete])
})
await check('an error status', async () => {
  const { status, text } = await get('/500')
  return [status, text]
})
await check('trailers', async () => {
  const { text, message } = await get('/trailers')
  return [text, message.trailers, message.rawTrailers]
})
await check('an answer that ends with its connection', async () => {
  const { text, message } = await get('/until-close')
  return [text, message.complete]
})
await check('early hints', async () => {
  const request = http.get(`${base}/early`)
  const seen: unknown[] = []
  request.on('information', ({ statusCode, headers }) => seen.push(statusCode, headers))
  return [(await answerOf(request)).text, seen]
})
await check('expect: 100-continue', async () => {
  const headers = { Expect: '100-continue', 'Content-Length': 4 }
  const request = http.request(`${base}/echo`, { method: 'POST', headers })
  request.flushHeaders()
  await once(request, 'continue')
  request.end('late')
  const { body } = JSON.parse((await answerOf(request)).text) as { body: string }
  return body
})
await check('events as they come', async () => {
  const request = http.get(`${base}/sse`)
  const start = performance.now()
  const [message] = (await once(request, 'response')) as [IncomingMessage]
  await once(message, 'data')
  const early = performance.now() - start < 80
  let text = ''
  for await (const chunk of message) text += String(chunk)
  return [early, text.includes('data: 20')]
})
await check('setEncoding, pause and resume', async () => {
  const [message] = (await once(http.get(`${base}/big`), 'response')) as [IncomingMessage]
  message.setEncoding('utf8')
  let size = 0
  message.on('data', (chunk: string) => {
    size += chunk.length
    message.pause()
    setImmediate(() => message.resume())
  })
  await once(message, 'end')
  return [size, message.complete]
})
await check('a refused connection', () => failing(http.get('http://127.0.0.1:2/')))
await check('events of a refused connection', async () => {
  const { events, over } = eventsOf(http.get('http://127.0.0.1:2/'))
  await over
  // The one difference there is: captured, the request is written out before anybody connects.
  return events.filter((name) => name !== 'finish')
})
await check('a name that does not resolve', async () => {
  const lookup = (_: string, __: unknown, done: (error: Error) => void): void =>
    done(Object.assign(new Error('my lookup'), { code: 'ENOTFOUND' }))
  return failing(http.get('http://named/', { lookup } as never))
})
await check('a connection that is closed', () => failing(http.get(`${base}/refuse`)))
await check('an answer that is no HTTP', () => failing(http.get(`${base}/garbage`)))
await check('a cut answer', async () => {
  const { events, over } = eventsOf(http.get(`${base}/drop`))
  await over
  return [events, await failing(http.get(`${base}/drop`))]
})
await check('a cut chunked answer', () => failing(http.get(`${base}/drop-chunked`)))
await check('destroy before the answer', async () => {
  const before = counts.closed
  const request = http.get(`${base}/hang`)
  const { events, over } = eventsOf(request)
  const failed = failing(request)
  setTimeout(() => request.destroy(), 30)
  await over
  return [await failed, events, request.destroyed, counts.closed - before]
})
await check('destroy with an error', async () => {
  const request = http.get(`${base}/hang`)
  const reason = new RangeError('mine')
  setTimeout(() => request.destroy(reason), 30)
  const caught: unknown = await answerOf(request).catch((error: unknown) => error)
  return [caught === reason, request.errored === reason]
})
await check('destroy at once', async () => {
  const request = http.get(`${base}/json`)
  const { events, over } = eventsOf(request)
  const failed = failing(request)
  request.destroy()
  await over
  return [await failed, events]
})
await check('abort()', async () => {
  const request = http.get(`${base}/hang`)
  const { events, over } = eventsOf(request)
  const failed = failing(request)
  setTimeout(() => request.abort(), 30)
  await over
  return [await failed, events, request.aborted]
})
await check('signal', async () => {
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 30)
  const before = counts.closed
  const failed = await failing(http.get(`${base}/hang`, { signal: controller.signal }))
  await sleep(30)
  return [failed, counts.closed - before]
})
await check('signal in the middle', async () => {
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 40)
  const before = counts.closed
  const failed = await failing(http.get(`${base}/sse`, { signal: controller.signal }))
  await sleep(30)
  return [failed, counts.closed - before]
})
await check('destroying the answer', async () => {
  const before = counts.closed
  const request = http.get(`${base}/sse`)
  const { events, over } = eventsOf(request)
  const [message] = (await once(request, 'response')) as [IncomingMessage]
  await once(message, 'data')
  message.destroy()
  await over
  await sleep(30)
  return [events, message.aborted, counts.closed - before]
})
await check('timeout in the options', async () => {
  const request = http.get(`${base}/hang`, { timeout: 40 })
  const failed = failing(request)
  await once(request, 'timeout')
  request.destroy(new Error('too late'))
  return failed
})
await check('setTimeout on the request', async () => {
  const request = http.get(`${base}/hang`)
  const failed = failing(request)
  const start = performance.now()
  await new Promise<void>((resolve) => void request.setTimeout(60, resolve))
  const tookMs = performance.now() - start
  request.destroy()
  return [await failed, tookMs > 40]
})
await check('a timeout that activity puts off', async () => {
  const request = http.get(`${base}/sse`, { timeout: 60 })
  let timeouts = 0
  request.on('timeout', () => timeouts++)
  await answerOf(request)
  return timeouts
})
await check('an agent with a timeout', async () => {
  const request = http.get(`${base}/hang`, { agent: new http.Agent({ timeout: 40 }) })
  const failed = failing(request)
  await once(request, 'timeout')
  request.destroy()
  return failed
})
await check('a keep-alive agent uses its connection again', async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  counts.sockets.clear()
  for (let call = 0; call < 5; call++) {
    // oxlint-disable-next-line no-await-in-loop -- in order
    await get('/json', { agent })
    // oxlint-disable-next-line no-await-in-loop -- the connection is free a little later
    await sleep(5)
  }
  const free = Object.values(agent.freeSockets).flat().length
  agent.destroy()
  return [counts.sockets.size, free]
})
await check('maxSockets holds', async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 2 })
  counts.sockets.clear()
  const answers = await Promise.all(Array.from({ length: 10 }, () => get('/json', { agent })))
  agent.destroy()
  return [answers.every(({ text }) => text === '{"a":1}'), counts.sockets.size]
})
await check('agent: false', async () => {
  const { text, message } = await get('/json', { agent: false })
  return [text, message.headers.connection]
})
await check('an agent of a subclass', async () => {
  let connections = 0
  class Counting extends http.Agent {
    override createConnection(...args: never[]): never {
      connections++
      return super.createConnection(...(args as [never])) as never
    }
  }
  const { text } = await get('/json', { agent: new Counting() })
  return [text, connections]
})
await check('https', async () => {
  const request = https.get(`${secureBase}/json`, { ca: cert })
  const { text, message } = await answerOf(request)
  return [text, (message.socket as never as { encrypted: boolean } | null)?.encrypted ?? true]
})
await check('https with an agent', async () => {
  const agent = new https.Agent({ ca: cert, keepAlive: true })
  counts.sockets.clear()
  const texts: string[] = []
  for (let call = 0; call < 3; call++) {
    // oxlint-disable-next-line no-await-in-loop -- in order
    texts.push((await answerOf(https.get(`${secureBase}/json`, { agent }))).text)
    // oxlint-disable-next-line no-await-in-loop -- the connection is free a little later
    await sleep(5)
  }
  agent.destroy()
  return [texts, counts.sockets.size]
})
await check('an untrusted certificate', () => failing(https.get(`${secureBase}/json`)))
await check('the connection tells its ends', async () => {
  const request = http.get(`${base}/json`)
  const [message] = (await once(request, 'response')) as [IncomingMessage]
  const { remoteAddress, remotePort, localAddress, connecting } = message.socket
  message.resume()
  return [remoteAddress, remotePort === portOf(plain), localAddress, connecting]
})
await check('socket options do no harm', async () => {
  const request = http.get(`${base}/json`)
  request.setNoDelay(true)
  request.setSocketKeepAlive(true, 1000)
  request.on('socket', (socket) => socket.setKeepAlive(true).unref().ref())
  return (await answerOf(request)).text
})
await check('the context of the caller is kept', async () => {
  const storage = new AsyncLocalStorage<string>()
  const seen: unknown[] = []
  await storage.run('mine', async () => {
    const request = http.get(`${base}/sse`)
    request.on('socket', () => seen.push(storage.getStore()))
    const [message] = (await once(request, 'response')) as [IncomingMessage]
    seen.push(storage.getStore())
    message.once('data', () => seen.push(storage.getStore()))
    message.on('end', () => seen.push(storage.getStore()))
    await once(message, 'close')
  })
  return seen
})
await check('a call from the callback of another', async () => {
  const before = counts.claimed
  const request = http.get(`${base}/json`)
  const inner = await new Promise<string>((resolve, reject) => {
    request.on('response', (message) => {
      message.resume()
      get('/json').then(({ text }) => resolve(text), reject)
    })
  })
  return [inner, variant === 'bare' ? 2 : counts.claimed - before]
})
await check('many at once', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => post({}, `${index}`)))
  return answers.map(({ text }) => (JSON.parse(text) as { body: string }).body)
})
await check('an upgrade is left alone', async () => {
  plain.once('upgrade', (_, socket) =>
    socket.end('HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
  )
  const request = http.get(`${base}/json`, { headers: { connection: 'upgrade', upgrade: 'x' } })
  const [message] = (await once(request, 'upgrade')) as [IncomingMessage]
  return message.statusCode
})

await observed.end(counts.claimed)
