import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent, fetch as undiciFetch } from 'undici'
import { afterEach, expect, test } from 'vitest'
import { guardedFetch, guardedLookup, UrlRefusedError } from './guarded-fetch.ts'
import type { ResolvedAddress, UrlOptions } from './url.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function start(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return (server.address() as AddressInfo).port
}

/** A fetch whose connections go through the guarded lookup. */
function fetchWith(options: UrlOptions): (url: string, init?: RequestInit) => Promise<Response> {
  const dispatcher = new Agent({ connect: { lookup: guardedLookup(options) } })
  return guardedFetch({
    ...options,
    send: async (url, init) =>
      (await undiciFetch(url, { ...init, dispatcher } as Parameters<
        typeof undiciFetch
      >[1])) as unknown as Response,
  })
}

const loopback: ResolvedAddress = { address: '127.0.0.1', family: 4 }

test('a connection goes to the address that was checked', async () => {
  const port = await start((request, response) => response.end(request.headers.host))
  const fetch = fetchWith({ hosts: ['app.example'], resolve: async () => [loopback] })
  const response = await fetch(`http://app.example:${port}/`)
  expect(await response.text()).toBe(`app.example:${port}`)
})

test('a name that leads to a private address the second time gets no connection', async () => {
  let requests = 0
  const port = await start((_request, response) => {
    requests++
    response.end()
  })
  let lookups = 0
  const fetch = fetchWith({
    resolve: async () => (lookups++ === 0 ? [{ address: '192.0.2.1', family: 4 }] : [loopback]),
  })
  await expect(fetch(`http://rebinding.example:${port}/`)).rejects.toThrow()
  await expect(fetch(`http://rebinding.example:${port}/`)).rejects.toThrow()
  expect(requests).toBe(0)
})

test('a redirect to a private address is refused', async () => {
  const port = await start((request, response) => {
    const to =
      request.url === '/address'
        ? `http://127.0.0.1:${port}/x`
        : 'http://metadata.google.internal/x'
    response.writeHead(302, { location: to }).end()
  })
  const fetch = fetchWith({ hosts: ['app.example'], resolve: async () => [loopback] })
  await expect(fetch(`http://app.example:${port}/address`)).rejects.toThrow(UrlRefusedError)
  await expect(fetch(`http://app.example:${port}/name`)).rejects.toThrow(UrlRefusedError)
})

test('a redirect to another host takes no credentials along', async () => {
  const seen: (string | undefined)[] = []
  const port = await start((request, response) => {
    seen.push(request.headers.authorization)
    if (request.url === '/')
      response.writeHead(302, { location: `http://other.example:${port}/end` }).end()
    else response.end()
  })
  const fetch = fetchWith({
    hosts: ['app.example', 'other.example'],
    resolve: async () => [loopback],
  })
  await fetch(`http://app.example:${port}/`, { headers: { authorization: 'Bearer abc' } })
  expect(seen).toEqual(['Bearer abc', undefined])
})

test('redirects end', async () => {
  const port = await start((_request, response) => response.writeHead(302, { location: '/' }).end())
  const fetch = fetchWith({ hosts: ['app.example'], resolve: async () => [loopback] })
  await expect(fetch(`http://app.example:${port}/`)).rejects.toThrow(/redirects/)
})
