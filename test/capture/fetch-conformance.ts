// Prints what an application can tell about fetch, as JSON: bare, or captured with one of the handlers.
//   node fetch-conformance.ts bare|pass|whole|stream|peek [direct|original]
import { EventEmitter, getEventListeners } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'
import { capture } from '@holdfast/capture'
import { handlers, type HandlerName } from './handlers.ts'
import { Observed } from './observed.ts'

const variant = process.argv[2] as HandlerName | 'bare'
const transport = (process.argv[3] ?? 'direct') as 'direct' | 'original'
const counts = { requests: 0, closed: 0, bytes: 0, claimed: 0 }

type Route = (request: IncomingMessage, response: ServerResponse) => void
const routes: Record<string, Route> = {
  '/redir': (_, response) => response.writeHead(302, { location: '/json' }).end(),
  '/json': (_, response) =>
    response
      .writeHead(200, 'Fine Indeed', {
        'content-type': 'application/json',
        'set-cookie': ['a=1', 'b=2'],
      })
      .end('{"a":1}'),
  '/broken': (_, response) => response.end('\uFEFF{"a":'),
  '/gz': (_, response) =>
    response
      .writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' })
      .end(gzipSync('{"gz":1}')),
  '/204': (_, response) => response.writeHead(204).end(),
  '/304': (_, response) => response.writeHead(304).end(),
  '/500': (_, response) => response.writeHead(500, 'Oh No').end('failed'),
  '/form': (_, response) =>
    response.writeHead(200, { 'content-type': 'application/x-www-form-urlencoded' }).end('a=1&b=2'),
  '/inf': (_, response) => {
    counts.bytes = 0
    const chunk = Buffer.alloc(65_536)
    const write = (): void => {
      if (response.destroyed) return
      counts.bytes += chunk.length
      if (response.write(chunk)) setImmediate(write)
      else response.once('drain', write)
    }
    response.on('close', () => counts.closed++)
    write()
  },
  '/sse': (_, response) => {
    let sent = 0
    const timer = setInterval(() => {
      if (response.destroyed) return
      response.write(`data: ${sent++}\n\n`)
      if (sent > 50) response.end()
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
}

const server = http.createServer((request, response) => {
  counts.requests++
  const route = routes[request.url ?? '']
  if (route !== undefined) return route(request, response)
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString()
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ method: request.method, body, headers: request.headers }))
  })
})
await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

if (variant !== 'bare') {
  const claims = (_: string, url: string): boolean => {
    if (!url.startsWith(base)) return false
    counts.claimed++
    return true
  }
  capture(handlers[variant](claims), { transport })
}
EventEmitter.defaultMaxListeners = 50

interface Echo {
  method: string
  body: string
  headers: Record<string, string>
}
const echo = async (input: string | URL | Request, init?: RequestInit): Promise<Echo> =>
  (await fetch(input, init)).json() as Promise<Echo>
const post = (body: unknown, more: object = {}): Promise<Echo> =>
  echo(`${base}/echo`, { method: 'POST', body, ...more } as RequestInit)

/** What a failure looks like to the application. */
const failure = async (work: () => unknown): Promise<unknown> => {
  try {
    await work()
    return 'no failure'
  } catch (error) {
    if (!(error instanceof Error)) return ['not an Error', error]
    const { name, message, cause } = error
    const { code } = error as { code?: unknown }
    const causeCode = (cause as { code?: string; name?: string } | undefined)?.code
    const causeName = (cause as { name?: string } | undefined)?.name
    const kinds = [error instanceof DOMException, error instanceof TypeError]
    return { name, message, class: error.constructor.name, code, causeCode, causeName, kinds }
  }
}
/** The type definitions do not know it yet. */
const bytesOf = (response: Response): Promise<Uint8Array> =>
  (response as Response & { bytes(): Promise<Uint8Array> }).bytes()
const path = (url: string): string => url.replace(base, '')
const aborting = (reason?: Error, afterMs = 30): AbortSignal => {
  const controller = new AbortController()
  setTimeout(() => controller.abort(reason), afterMs)
  return controller.signal
}
const collect = async (rounds: number): Promise<void> => {
  for (let round = 0; round < rounds; round++) {
    globalThis.gc?.()
    // oxlint-disable-next-line no-await-in-loop -- finalizers run between turns
    await sleep(20)
  }
}

const checks: Record<string, () => unknown> = {
  'name and length': () => [fetch.name, fetch.length],
  'classes of the parts': async () => {
    const response = await fetch(`${base}/json`)
    const { headers, body } = response
    await response.text()
    return [
      response instanceof Response,
      headers instanceof Headers,
      body instanceof ReadableStream,
      Object.prototype.toString.call(response),
      response.constructor === Response,
      Object.keys(response),
    ]
  },
  'status, statusText, url, redirected, type, ok, cookies': async () => {
    const response = await fetch(`${base}/redir`)
    const { status, statusText, url, redirected, type, ok, headers } = response
    await response.text()
    return [status, statusText, path(url), redirected, type, ok, headers.getSetCookie()]
  },
  'an error status is a response': async () => {
    const response = await fetch(`${base}/500`)
    return [response.status, response.statusText, response.ok, await response.text()]
  },
  'clone keeps the head and gives both the body': async () => {
    const response = await fetch(`${base}/redir`)
    const clone = response.clone()
    const again = clone.clone()
    const heads = [clone, again].map(({ url, type, redirected, status, statusText }) => [
      path(url),
      type,
      redirected,
      status,
      statusText,
    ])
    const bodies = [await clone.text(), await response.text(), await again.json()]
    return [heads, bodies, clone instanceof Response, clone.headers.get('content-type')]
  },
  'clone after reading': async () => {
    const response = await fetch(`${base}/json`)
    await response.text()
    return failure(() => response.clone())
  },
  'headers are immutable': async () => {
    const response = await fetch(`${base}/json`)
    await response.text()
    return [
      await failure(() => response.headers.set('x', 'y')),
      await failure(() => response.headers.delete('x')),
    ]
  },
  'bodyUsed and reading twice': async () => {
    const response = await fetch(`${base}/json`)
    const before = response.bodyUsed
    await response.text()
    const again = [await failure(() => response.text()), await failure(() => response.json())]
    const body = response.body as ReadableStream
    return [before, response.bodyUsed, again, body.locked, await failure(() => body.getReader())]
  },
  'bodyUsed is true as soon as reading begins': async () => {
    const response = await fetch(`${base}/json`)
    const reading = response.json()
    const during = [response.bodyUsed, response.body?.locked]
    return [during, await reading]
  },
  'a locked body': async () => {
    const response = await fetch(`${base}/json`)
    const reader = response.body?.getReader()
    const locked = [response.body?.locked, response.bodyUsed]
    const refused = [await failure(() => response.text()), await failure(() => response.clone())]
    reader?.releaseLock()
    return [locked, refused, response.body?.locked, await response.text()]
  },
  'the body is one object': async () => {
    const response = await fetch(`${base}/json`)
    const same = response.body === response.body
    await response.text()
    return same
  },
  'a BYOB reader': async () => {
    const response = await fetch(`${base}/json`)
    const reader = response.body?.getReader({ mode: 'byob' })
    const parts: string[] = []
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      const part = await reader?.read(new Uint8Array(4))
      if (part === undefined || part.done) break
      parts.push(Buffer.from(part.value ?? []).toString())
    }
    return [parts.join(''), response.bodyUsed]
  },
  '204 has no body': async () => {
    const response = await fetch(`${base}/204`)
    return [response.status, response.body === null, await response.text(), response.bodyUsed]
  },
  '304 has no body': async () => {
    const response = await fetch(`${base}/304`)
    return [response.status, response.body === null]
  },
  'HEAD has no body': async () => {
    const response = await fetch(`${base}/json`, { method: 'HEAD' })
    return [response.status, response.body === null, await response.text()]
  },
  'gzip is undone, its header stays': async () => {
    const response = await fetch(`${base}/gz`)
    return [response.headers.get('content-encoding'), await response.json()]
  },
  'blob, bytes, arrayBuffer and formData': async () => {
    const blob = await (await fetch(`${base}/json`)).blob()
    const bytes = await bytesOf(await fetch(`${base}/json`))
    const buffer = await (await fetch(`${base}/json`)).arrayBuffer()
    const form = await (await fetch(`${base}/form`)).formData()
    const kinds = [bytes.constructor.name, Buffer.isBuffer(bytes), bytes.byteOffset]
    const lengths = [bytes.byteLength, bytes.buffer.byteLength, buffer.byteLength]
    return [blob.type, blob.size, kinds, lengths, buffer.constructor.name, [...form.entries()]]
  },
  'formData of something else': () => failure(async () => (await fetch(`${base}/json`)).formData()),
  'text and json of broken bytes': async () => [
    await (await fetch(`${base}/broken`)).text(),
    await failure(async () => (await fetch(`${base}/broken`)).json()),
  ],
  'text of a body that was begun': async () => {
    const response = await fetch(`${base}/json`)
    const reader = response.body?.getReader()
    await reader?.read()
    reader?.releaseLock()
    return [response.bodyUsed, await failure(() => response.text())]
  },
  'a Request and an init over it': async () => {
    const request = new Request(`${base}/echo`, {
      method: 'POST',
      body: 'abc',
      headers: { a: '1' },
    })
    const pending = echo(request, { headers: { b: '2' } })
    const usedAtOnce = request.bodyUsed
    const { method, body, headers } = await pending
    const types = [headers['content-type'], headers['content-length'], headers['transfer-encoding']]
    return [method, body, headers['a'], headers['b'], types, usedAtOnce, request.bodyUsed]
  },
  'a Request that was read before': () =>
    failure(async () => {
      const request = new Request(`${base}/echo`, { method: 'POST', body: 'abc' })
      await request.text()
      await fetch(request)
    }),
  'a stream body without duplex is refused later, not thrown': async () => {
    const body = new ReadableStream()
    let pending: Promise<unknown> | undefined
    const thrown = await failure(() => {
      pending = fetch(`${base}/echo`, { method: 'POST', body })
      pending.catch(() => {})
    })
    return [thrown, await failure(() => pending)]
  },
  'a stream body': async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from('abc'))
        controller.close()
      },
    })
    const sent = await post(body, { duplex: 'half' })
    return [sent.body, sent.headers['transfer-encoding'], sent.headers['content-length']]
  },
  'a stream body that fails': () =>
    failure(() => {
      const body = new ReadableStream({
        pull(controller) {
          controller.error(new RangeError('no more'))
        },
      })
      return post(body, { duplex: 'half' })
    }),
  'an async iterable body': async () => {
    async function* parts(): AsyncGenerator<Uint8Array | string> {
      yield Buffer.from('ab')
      yield 'c'
    }
    const sent = await post(parts(), { duplex: 'half' })
    return [sent.body, sent.headers['transfer-encoding'], sent.headers['content-type']]
  },
  'bytes, forms, parameters and blobs': async () => {
    const form = new FormData()
    form.append('a', 'b')
    const sent = await Promise.all([
      post(form),
      post(new URLSearchParams({ a: '1 2' })),
      post(new Blob(['x'], { type: 'text/x' })),
      post(new Uint8Array([97, 98])),
      post(new TextEncoder().encode('xyz').buffer),
      post(new DataView(new TextEncoder().encode('xyz').buffer, 1)),
      post('text'),
      post('{}', { headers: { 'Content-Type': 'application/json' } }),
    ])
    return sent.map(({ headers, body }, index) => [
      headers['content-type']?.slice(0, 30),
      index === 0 ? body.length : body,
      headers['content-length'],
    ])
  },
  'a URL as input': async () => (await echo(new URL(`${base}/echo?a=1`))).method,
  'an invalid URL is refused later, not thrown': async () => {
    let pending: Promise<unknown> | undefined
    const thrown = await failure(() => {
      pending = fetch('nope')
      pending.catch(() => {})
    })
    return [thrown, await failure(() => pending)]
  },
  'a refused connection': () => failure(() => fetch('http://127.0.0.1:2/')),
  'an aborted signal sends nothing': async () => {
    const before = counts.requests
    const failed = await failure(() => fetch(`${base}/json`, { signal: AbortSignal.abort() }))
    return [failed, counts.requests - before]
  },
  'abort before the head': async () => {
    const before = counts.closed
    const failed = await failure(() => fetch(`${base}/hang`, { signal: aborting() }))
    await sleep(30)
    return [failed, counts.closed - before]
  },
  'the reason of an abort is the very object': async () => {
    const reason = new Error('mine')
    const caught: unknown = await fetch(`${base}/hang`, { signal: aborting(reason) }).catch(
      (error: unknown) => error,
    )
    return caught === reason
  },
  'AbortSignal.timeout': () =>
    failure(() => fetch(`${base}/hang`, { signal: AbortSignal.timeout(30) })),
  'a signal in a Request': async () => {
    const request = new Request(`${base}/hang`, { signal: aborting() })
    const outcome = await failure(() => fetch(request))
    // Held until here: Node's own fetch forgets a signal whose request has been collected as garbage.
    return [outcome, request.signal.aborted]
  },
  'abort in the middle of a stream': async () => {
    const controller = new AbortController()
    const response = await fetch(`${base}/sse`, { signal: controller.signal })
    const reader = response.body?.getReader()
    await reader?.read()
    const before = counts.closed
    controller.abort()
    const failed = await failure(async () => {
      // oxlint-disable-next-line no-await-in-loop -- in order
      while ((await reader?.read())?.done === false);
    })
    await sleep(30)
    return [failed, counts.closed - before]
  },
  'abort while text() waits': async () => {
    const response = await fetch(`${base}/sse`, { signal: aborting() })
    return failure(() => response.text())
  },
  'abort while nobody reads': async () => {
    const controller = new AbortController()
    const response = await fetch(`${base}/sse`, { signal: controller.signal })
    await sleep(10)
    controller.abort()
    await sleep(30)
    return failure(() => response.text())
  },
  'abort of a small answer that nobody read': async () => {
    const controller = new AbortController()
    const response = await fetch(`${base}/json`, { signal: controller.signal })
    await sleep(30)
    controller.abort()
    return failure(() => response.text())
  },
  'abort after reading does nothing': async () => {
    const controller = new AbortController()
    const response = await fetch(`${base}/json`, { signal: controller.signal })
    const text = await response.text()
    controller.abort()
    await sleep(10)
    return [text, response.bodyUsed]
  },
  'cancelling the body closes the connection': async () => {
    const before = counts.closed
    await (await fetch(`${base}/inf`)).body?.cancel()
    await sleep(60)
    return counts.closed - before
  },
  'leaving a for await loop closes the connection': async () => {
    const before = counts.closed
    const response = await fetch(`${base}/inf`)
    for await (const _ of response.body ?? []) break
    await sleep(60)
    return counts.closed - before
  },
  'an answer that is cut': async () => failure(async () => (await fetch(`${base}/drop`)).text()),
  'an unread body holds the server back': async () => {
    const response = await fetch(`${base}/inf`)
    await sleep(300)
    const { bytes } = counts
    await response.body?.cancel()
    await sleep(30)
    return bytes < 8e6
  },
  'a slow reader holds the server back': async () => {
    const response = await fetch(`${base}/inf`)
    const reader = response.body?.getReader()
    await reader?.read()
    await sleep(300)
    const { bytes } = counts
    await reader?.cancel()
    await sleep(30)
    return bytes < 8e6
  },
  'the first chunk comes before the end': async () => {
    const start = performance.now()
    const reader = (await fetch(`${base}/sse`)).body?.getReader()
    await reader?.read()
    const tookMs = performance.now() - start
    await reader?.cancel()
    return tookMs < 150
  },
  'no listener stays on the signal': async () => {
    const { signal } = new AbortController()
    for (let call = 0; call < 50; call++) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      await (await fetch(`${base}/json`, { signal })).text()
    }
    await collect(3)
    return getEventListeners(signal, 'abort').length <= 2
  },
  'an unread body that is forgotten frees its connection': async () => {
    const before = counts.closed
    for (let call = 0; call < 5; call++) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      await fetch(`${base}/inf`)
    }
    for (let round = 0; round < 40 && counts.closed - before < 5; round++) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      await collect(1)
    }
    return counts.closed - before
  },
  inspect: async () => {
    const response = await fetch(`${base}/json`)
    const shown = inspect(response)
    await response.text()
    return shown
      .replace(base, '')
      .replace(/HeadersList.*/s, '')
      .slice(0, 80)
  },
  'a wrong integrity': () => failure(() => fetch(`${base}/json`, { integrity: 'sha256-AAAA' })),
  'redirect: manual and error': async () => {
    const { status, type, headers } = await fetch(`${base}/redir`, { redirect: 'manual' })
    const failed = await failure(() => fetch(`${base}/redir`, { redirect: 'error' }))
    return [status, type, headers.get('location'), failed]
  },
  'data: and blob: URLs': async () => {
    const url = URL.createObjectURL(new Blob(['q']))
    return [await (await fetch('data:text/plain,hi')).text(), await (await fetch(url)).text()]
  },
  'a dispatcher of the caller': async () => {
    let calls = 0
    const dispatcher = {
      dispatch() {
        calls++
        throw new Error('my dispatcher')
      },
    }
    const caught = await fetch(`${base}/json`, { dispatcher } as never).catch(
      (error: unknown) => error,
    )
    return [calls, ((caught as Error).cause as Error).message]
  },
  'the stack names the caller': async () => {
    async function myCaller(init?: RequestInit): Promise<unknown> {
      return await fetch('http://127.0.0.1:2/', init)
    }
    const { signal } = new AbortController()
    const inits = [undefined, { signal }, { signal, method: 'POST', body: '{}' }]
    const caught = await Promise.allSettled(inits.map(myCaller))
    return caught.map(
      (one) => one.status === 'rejected' && /myCaller/.test((one.reason as Error).stack ?? ''),
    )
  },
  'illegal invocation': async () => {
    const response = await fetch(`${base}/json`)
    // oxlint-disable-next-line typescript/unbound-method -- that is the point
    const { text } = response
    const failed = await failure(() => (text as () => unknown)())
    await response.text()
    return failed
  },
}

const observed = new Observed()
for (const [name, work] of Object.entries(checks)) {
  // oxlint-disable-next-line no-await-in-loop -- one at a time
  await observed.check(name, work)
}
await observed.end(counts.claimed)
