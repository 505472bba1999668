import { bytesBody, type HttpHandler, type HttpResponse } from '@holdfast/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { capture } from './index.ts'
import { clients } from './testing/clients.ts'
import { startEchoServer, type EchoServer } from './testing/echo-server.ts'

let server: EchoServer
beforeAll(async () => {
  server = await startEchoServer({ remember: false })
})
afterAll(() => server[Symbol.asyncDispose]())

const claims: HttpHandler['claims'] = (_, url) => url.startsWith(server.url)
const handlers: Record<string, HttpHandler> = {
  'as it came': { claims, handle: (request, transport) => transport(request) },
  'read whole': {
    claims,
    async handle(request, transport) {
      const from = await transport(request)
      return remade(from, bytesBody((await from.body?.readAll()) ?? Buffer.of()))
    },
  },
  'passed on piece by piece': {
    claims,
    async handle(request, transport) {
      const from = await transport({ ...request, signal: new AbortController().signal })
      const { body = bytesBody(Buffer.of()) } = from
      return remade(from, {
        ...body,
        read: () => body.read(),
        readAll: () => body.readAll(),
        cancel: () => body.cancel(),
      })
    },
  },
}
function remade(from: HttpResponse, body: HttpResponse['body']): HttpResponse {
  return { status: from.status, statusText: from.statusText, headers: from.headers, body, from }
}

async function heapBytes(): Promise<number> {
  for (let round = 0; round < 4; round++) {
    // oxlint-disable-next-line no-await-in-loop -- finalizers run between turns
    await new Promise((resolve) => void setTimeout(resolve, 20))
    globalThis.gc?.()
  }
  return process.memoryUsage().heapUsed
}

test.each(Object.entries(handlers))(
  'the heap stays flat over 20,000 calls whose answers are handed on %s',
  { timeout: 120_000 },
  async (_, handler) => {
    const { signal } = new AbortController()
    const headers = { 'content-type': 'application/json' }
    const callMany = async (calls: number): Promise<void> => {
      for (let done = 0; done < calls; done += 20) {
        const answers = Array.from({ length: 20 }, (_, index) => {
          const [, send] = clients[index % clients.length] as (typeof clients)[number]
          return send(`${server.url}/`, { method: 'POST', body: '{}', headers, signal })
        })
        // oxlint-disable-next-line no-await-in-loop -- twenty at a time
        await Promise.all(answers)
      }
    }
    const held = capture(handler)
    await callMany(3_000)
    const before = await heapBytes()
    await callMany(20_000)
    const grownBytes = (await heapBytes()) - before
    held.release()
    expect(grownBytes).toBeLessThan(2_000_000)
  },
)
