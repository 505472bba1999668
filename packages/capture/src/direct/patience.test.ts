import http, { type RequestOptions } from 'node:http'
import https from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Agent, fetch as undiciFetch } from 'undici8'
import { startRawServer, type RawServer } from '../testing/raw-server.ts'
import { makeAgent } from './own-agent.ts'
import { send, type Answer } from './send.ts'

const ok = 'HTTP/1.1 200 OK\r\n'
const flood = Buffer.alloc(4_000_000, 'a')
let server: RawServer
beforeAll(async () => {
  server = await startRawServer({
    ok: (socket) => void socket.write(`${ok}content-length: 2\r\n\r\nok`),
    hang: () => {},
    stall: (socket) => void socket.write(`${ok}content-length: 10\r\n\r\nabc`),
    flood(socket) {
      socket.write(`${ok}content-length: ${flood.byteLength}\r\n\r\n`)
      socket.write(flood)
    },
    async drip(socket) {
      socket.write(`${ok}content-length: 8\r\n\r\n`)
      for (let drop = 0; drop < 8; drop++) {
        // oxlint-disable-next-line no-await-in-loop -- one by one
        await sleep(60)
        socket.write('.')
      }
    },
  })
})
afterAll(() => server[Symbol.asyncDispose]())

const impatient = { connectTimeoutMs: 250, silenceTimeoutMs: 250 }
const patientWithConnections = { connectTimeoutMs: 10_000, silenceTimeoutMs: 250 }

const ask = (script: string, options: RequestOptions = {}): Promise<Answer> => {
  const { hostname, port, protocol } = new URL(server.url)
  return send({
    url: `${server.url}/${script}`,
    options: {
      protocol,
      host: hostname,
      port,
      path: `/${script}`,
      method: 'GET',
      agent: makeAgent(http.Agent, impatient),
      ...options,
    },
    body: undefined,
    signal: undefined,
    progress: undefined,
    opened() {},
  })
}

/** A timer of undici's runs once a second or so, which is why its words alone are compared. */
async function undicisWordsFor(url: string): Promise<unknown> {
  const dispatcher = new Agent({
    connect: { timeout: 250, rejectUnauthorized: false },
    headersTimeout: 250,
    bodyTimeout: 250,
  })
  try {
    return await failureOf(async () => (await undiciFetch(url, { dispatcher })).text())
  } finally {
    await dispatcher.destroy()
  }
}

async function failureOf(work: () => Promise<unknown>): Promise<unknown> {
  const error: unknown = await work().then(
    () => 'no failure',
    (failure: unknown) => failure,
  )
  if (!(error instanceof Error)) return error
  const { name, code, message } = error.cause as NodeJS.ErrnoException
  return [error.constructor.name, error.message, { name, code, message }]
}

test('a connection that is not made in time fails in the words of undici', async () => {
  // Nobody answers the client's first words of TLS.
  const secure = server.url.replace('http:', 'https:')
  const agent = makeAgent(https.Agent, { connectTimeoutMs: 250, silenceTimeoutMs: 10_000 })
  const failure = await failureOf(() => ask('ok', { protocol: 'https:', agent }))
  expect(failure).toEqual(await undicisWordsFor(`${secure}/ok`))
  expect(failure).toMatchObject(['TypeError', 'fetch failed', { code: 'UND_ERR_CONNECT_TIMEOUT' }])
  await expect.poll(() => server.connections.size).toBe(0)
})

test('a name that is not found in time does too', async () => {
  const lookup = (): void => {}
  const options = { host: 'nowhere.invalid', lookup }
  expect(await failureOf(() => ask('ok', options))).toMatchObject([
    'TypeError',
    'fetch failed',
    { name: 'ConnectTimeoutError', code: 'UND_ERR_CONNECT_TIMEOUT' },
  ])
})

test('an answer that does not come fails in the words of undici', async () => {
  const agent = makeAgent(http.Agent, patientWithConnections)
  const failure = await failureOf(() => ask('hang', { agent }))
  expect(failure).toEqual(await undicisWordsFor(`${server.url}/hang`))
  expect(failure).toMatchObject(['TypeError', 'fetch failed', { code: 'UND_ERR_HEADERS_TIMEOUT' }])
  await expect.poll(() => server.connections.size).toBe(0)
})

test('an answer that stops fails in the words of undici', async () => {
  const failure = await failureOf(async () => (await ask('stall')).body.readAll())
  expect(failure).toEqual(await undicisWordsFor(`${server.url}/stall`))
  expect(failure).toMatchObject(['TypeError', 'terminated', { code: 'UND_ERR_BODY_TIMEOUT' }])
  await expect.poll(() => server.connections.size).toBe(0)
})

test('silence is counted from the last byte that came', async () => {
  const { body } = await ask('drip')
  expect(String(await body.readAll())).toBe('........')
})

test('a reader who takes its time is no silence', async () => {
  const { body } = await ask('flood')
  await sleep(800)
  expect((await body.readAll()).byteLength).toBe(flood.byteLength)
})

test('a connection that was idle is as patient as a new one', async () => {
  const agent = makeAgent(http.Agent, impatient)
  const { body } = await ask('ok', { agent })
  await body.readAll()
  await sleep(400)
  const opened = server.opened()
  const failure = await failureOf(() => ask('hang', { agent }))
  expect(failure).toMatchObject(['TypeError', 'fetch failed', { code: 'UND_ERR_HEADERS_TIMEOUT' }])
  expect(server.opened()).toBe(opened)
})
