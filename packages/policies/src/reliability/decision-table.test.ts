import { createServer } from 'node:http2'
import type { ServerHttp2Stream } from 'node:http2'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { deadPort, startLab } from '@holdfast/lab'
import type { Fault as LabFault, FaultName as LabFaultName } from '@holdfast/lab'
import { describe, expect, test } from 'vitest'
import { ask, callTo } from '../testing/exchange.ts'
import type { Ask, WireName } from '../testing/exchange.ts'
import { sendOverHttp2 } from '../testing/http2-transport.ts'
import { sendOverHttp } from '../testing/http-transport.ts'
import { faults } from './faults/faults.ts'
import type { FaultName } from './faults/faults.ts'
import { reliability } from './reliability.ts'
import type { ReliabilityOptions } from './reliability.ts'

/** One row of the table, as it was decided; the code is held against it here and nowhere else. */
interface Row {
  readonly row: number
  readonly strikes: LabFaultName | LabFault
  readonly wire?: WireName
  readonly whole?: true
  readonly fault: FaultName
  /** Requests for one call of three at most, where the fault strikes at each. */
  readonly requests: 1 | 2 | 3
  readonly billed?: true
  /** One failure opens a circuit that allows none. */
  readonly opens?: true
  /** Another target takes over by itself. */
  readonly leadsOn?: true
  readonly alert?: true
}

// oxfmt-ignore
const rows: readonly Row[] = [
  { row: 1, strikes: { name: 'rate-limited-ms', retryAfterMs: 20 }, fault: 'rate-limited', requests: 3, leadsOn: true },
  { row: 2, strikes: 'rate-limited-long', fault: 'rate-limited-long', requests: 1, opens: true, leadsOn: true },
  { row: 3, strikes: 'rate-limited-no-header', fault: 'rate-limited-unsaid', requests: 3, leadsOn: true },
  { row: 4, strikes: 'quota-exhausted', fault: 'quota-exhausted', requests: 1, leadsOn: true, alert: true },
  { row: 4, strikes: 'credit-exhausted', fault: 'quota-exhausted', requests: 1, leadsOn: true, alert: true },
  { row: 4, strikes: 'spend-limit', wire: 'anthropic-messages', fault: 'quota-exhausted', requests: 1, leadsOn: true, alert: true },
  { row: 5, strikes: 'overloaded', wire: 'anthropic-messages', fault: 'overloaded', requests: 3, opens: true, leadsOn: true },
  { row: 6, strikes: 'overloaded-event-first', wire: 'anthropic-messages', fault: 'overloaded-in-reply', requests: 3, opens: true, leadsOn: true },
  { row: 7, strikes: 'error-event-mid', fault: 'error-after-content', requests: 1, billed: true, opens: true },
  { row: 8, strikes: 'server-error', fault: 'server-error', requests: 3, opens: true, leadsOn: true },
  { row: 8, strikes: 'cloudflare-523', fault: 'server-error', requests: 3, opens: true, leadsOn: true },
  { row: 9, strikes: 'bad-gateway', fault: 'gateway-error', requests: 3, billed: true, opens: true, leadsOn: true },
  { row: 9, strikes: 'cloudflare-524', fault: 'gateway-error', requests: 3, billed: true, opens: true, leadsOn: true },
  { row: 10, strikes: 'unavailable-html', fault: 'server-error', requests: 3, opens: true, leadsOn: true },
  { row: 11, strikes: 'request-timeout', fault: 'request-timeout', requests: 3, leadsOn: true },
  { row: 12, strikes: 'conflict', fault: 'conflict', requests: 2 },
  { row: 13, strikes: 'invalid-request', fault: 'invalid-request', requests: 1 },
  { row: 13, strikes: 'unprocessable', fault: 'invalid-request', requests: 1 },
  { row: 14, strikes: 'context-length', fault: 'context-too-long', requests: 1 },
  { row: 14, strikes: 'payload-too-large', fault: 'context-too-long', requests: 1 },
  { row: 15, strikes: 'invalid-key', fault: 'unauthorized', requests: 1, alert: true },
  { row: 15, strikes: 'forbidden', wire: 'gemini', fault: 'unauthorized', requests: 1, alert: true },
  { row: 16, strikes: 'model-not-found', fault: 'model-not-found', requests: 1, leadsOn: true, alert: true },
  { row: 17, strikes: 'content-filter', fault: 'filtered', requests: 1 },
  { row: 18, strikes: 'malformed-function-call', wire: 'gemini', fault: 'malformed-tool-call', requests: 2, billed: true },
  { row: 18, strikes: 'empty-choices', whole: true, fault: 'no-answer', requests: 2, billed: true, leadsOn: true },
  { row: 18, strikes: 'empty-choices', whole: true, wire: 'gemini', fault: 'no-answer', requests: 2, billed: true, leadsOn: true },
  { row: 18, strikes: 'empty-answer', fault: 'empty-answer', requests: 2, billed: true },
  { row: 19, strikes: 'html-200', fault: 'invalid-body', requests: 2, billed: true, opens: true, leadsOn: true },
  { row: 19, strikes: 'truncated-json-200', whole: true, fault: 'invalid-body', requests: 2, billed: true, opens: true, leadsOn: true },
  { row: 27, strikes: 'reset-before-headers', fault: 'reset-before-headers', requests: 3, billed: true, opens: true, leadsOn: true },
  { row: 28, strikes: 'reset-mid-body', whole: true, fault: 'reset-in-body', requests: 2, billed: true, opens: true, leadsOn: true },
  { row: 28, strikes: 'reset-before-content', fault: 'reset-in-body', requests: 2, billed: true, opens: true, leadsOn: true },
  { row: 29, strikes: 'reset-mid-stream', fault: 'reset-after-content', requests: 1, billed: true, opens: true },
  { row: 30, strikes: 'header-stall', fault: 'headers-timed-out', requests: 2, billed: true, opens: true, leadsOn: true },
  { row: 31, strikes: 'stall-before-content', fault: 'content-timed-out', requests: 2, billed: true, opens: true, leadsOn: true },
  { row: 31, strikes: 'stall-with-pings', fault: 'stalled-after-content', requests: 1, billed: true, opens: true },
  { row: 33, strikes: 'cut-before-content', fault: 'incomplete', requests: 2, billed: true, opens: true, leadsOn: true },
  { row: 33, strikes: 'end-after-content', fault: 'incomplete-after-content', requests: 1, billed: true, opens: true },
  { row: 34, strikes: 'broken-gzip', fault: 'cut-line', requests: 2, billed: true, opens: true, leadsOn: true },
  { row: 34, strikes: 'cut-mid-line', fault: 'incomplete-after-content', requests: 1, billed: true, opens: true },
  { row: 37, strikes: 'billing', fault: 'billing', requests: 1, leadsOn: true, alert: true },
]

const quick: ReliabilityOptions = {
  resendGuard: false,
  retry: { baseDelayMs: 1, overloadedBaseDelayMs: 20, maxDelayMs: 2_000 },
  circuitBreaker: false,
}
const impatient = { headersMs: 400, firstContentMs: 400, betweenContentMs: 400 }

describe('row by row', () => {
  const named = rows.map((row) => [row.row, nameOf(row), row] as const)

  test.concurrent.for(named)('%d, %s', async ([, , row], { expect }) => {
    await using lab = await startLab({
      script: ({ model }) => (model === 'spare' ? {} : { fault: row.strikes }),
    })
    const asked = { wire: row.wire ?? 'openai-chat', streaming: row.whole !== true } as const

    // Short only where silence is the fault: a machine that is busy is not to be taken for it.
    const timeout = nameOf(row).includes('stall') ? impatient : {}
    const options = { ...quick, timeout }

    const alone = await ask(lab.url, reliability(options), asked)
    const requests = lab.requests.length
    const guarded = reliability({ ...options, retry: false, circuitBreaker: { failures: 1 } })
    await ask(lab.url, guarded, asked)
    const second = await ask(lab.url, guarded, asked)
    const withSpare = reliability({ ...options, fallback: { to: [{ model: 'spare' }] } })
    const led = await ask(lab.url, withSpare, asked)

    expect(requests).toBe(row.requests)
    expect([...new Set(alone.faults)]).toEqual([row.fault])
    expect(faults[row.fault].row).toBe(
      row.row === 10 ? 8 : row.fault === 'incomplete-after-content' ? 33 : row.row,
    )
    for (const event of alone.events) {
      if (event.type !== 'attempt-failed') continue
      expect(event.possiblyBilled).toBe(row.billed === true)
      expect(event.failure.message.length).toBeLessThanOrEqual(512)
      expect(event.failure.message).not.toMatch(/<\w+[ >]/)
    }
    const alerts = alone.events.filter(({ type }) => type === 'alert-raised')
    expect(alerts).toHaveLength(row.alert === true ? 1 : 0)
    expect(refused(second)).toBe(row.opens === true)
    const reached = lab.requests.some(({ model }) => model === 'spare')
    expect(reached).toBe(row.leadsOn === true)
    expect(led.events.some(({ type }) => type === 'fallback-taken')).toBe(reached)
    if (reached) expect(led.error).toBeUndefined()
  })
})

test('every row has a fault, and every fault that is recognised here has a case above or below', () => {
  const numbers = new Set(Object.values(faults).map(({ row }) => row))
  const tested = new Set([
    ...rows.map(({ row }) => row),
    20,
    21,
    22,
    23,
    24,
    25,
    26,
    32,
    35,
    36,
    38,
  ])

  for (let row = 1; row <= 38; row++) {
    expect(numbers).toContain(row)
    expect(tested).toContain(row)
  }
})

test('5: an overloaded provider is asked once more at most where another target is left', async () => {
  await using lab = await startLab({
    script: ({ model }) => (model === 'spare' ? {} : { fault: 'overloaded' }),
  })
  const policies = reliability({ ...quick, fallback: { to: [{ model: 'spare' }] } })

  await ask(lab.url, policies, { wire: 'anthropic-messages' })

  expect(lab.requests.map(({ model }) => model)).toEqual(['test-model', 'test-model', 'spare'])
})

test.for([
  ['length-cut-tool-call', 'cut-tool-call'],
  ['malformed-tool-arguments', undefined],
  ['duplicate-tool-ids', 'duplicate-tool-call-ids'],
] as const)(
  '20 to 22: %s is handed up byte for byte, after one request, and told where that is cheap',
  async ([name, flaw]) => {
    await using lab = await startLab({ script: { fault: name } })

    const bare = await ask(lab.url, (call, next) => next(call))
    lab.reset()
    const held = await ask(lab.url, reliability(quick))

    expect(held.text).toBe(bare.text)
    expect(held.error).toBeUndefined()
    expect(lab.requests).toHaveLength(1)
    const flaws = held.events.flatMap((event) =>
      event.type === 'reply-flawed' ? [event.fault] : [],
    )
    expect(flaws).toEqual(flaw === undefined ? [] : [flaw])
  },
)

test('23: where nobody listens nothing is billed, and three requests are tried', async () => {
  const answer = await ask(await deadPort(), reliability(quick))

  expect(answer.faults).toEqual(['not-connected', 'not-connected', 'not-connected'])
  expect(answer.events).toContainEqual(
    expect.objectContaining({ type: 'attempt-failed', possiblyBilled: false }),
  )
})

test('24: a host that does not exist is looked up twice, then another target is asked', async () => {
  await using lab = await startLab()
  const gone = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })
  using http = sendOverHttp({
    lookup: (host, options, callback) =>
      host === 'localhost'
        ? callback(null, [{ address: '127.0.0.1', family: 4 }])
        : callback(gone, []),
  })
  const elsewhere = lab.baseUrls.openai.replace('127.0.0.1', 'localhost')
  const policies = reliability({ ...quick, fallback: { to: [{ baseUrl: elsewhere }] } })
  const { call, events } = callTo('http://no-such-host.example')

  const reply = await policies(call, http)

  expect(reply.status).toBe(200)
  const met = events.flatMap((event) => (event.type === 'attempt-failed' ? [event.fault] : []))
  expect(met).toEqual(['host-not-found', 'host-not-found'])
  await reply.cancel()
})

test('25: TLS errors are never tried again, and are said loudly', async () => {
  const plain = createTcpServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  })
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
  const { port } = plain.address() as AddressInfo

  const answer = await ask(`https://127.0.0.1:${port}`, reliability(quick))
  plain.close()

  expect(answer.faults).toEqual(['tls-error'])
  expect(answer.events).toContainEqual({
    type: 'alert-raised',
    endpoint: expect.stringContaining('test-model'),
    fault: 'tls-error',
  })
})

test('a connection that closes before it is encrypted has sent nothing', async () => {
  await using lab = await startLab()

  const answer = await ask(lab.url.replace('http:', 'https:'), reliability(quick))

  expect(answer.faults).toEqual(['not-connected', 'not-connected', 'not-connected'])
})

test('26: a stale connection is replaced at once, and the circuit does not hear of it', async () => {
  await using lab = await startLab({ script: [{}, { fault: 'reused-socket-closed' }, {}] })
  using http = sendOverHttp()
  const policies = reliability({ ...quick, circuitBreaker: { failures: 1 } })
  const first = callTo(lab.url, { streaming: false })
  const reply = await policies(first.call, http)
  while ((await reply.next()) !== undefined);
  await new Promise((resolve) => setTimeout(resolve, 50))

  const { call, events } = callTo(lab.url, { streaming: false, prompt: 'again' })
  const again = await policies(call, http)

  expect(again.status).toBe(200)
  expect(events).toContainEqual(
    expect.objectContaining({ fault: 'stale-connection', possiblyBilled: false }),
  )
})

test('32: a body that stays open after its end is closed within a second', async () => {
  await using lab = await startLab({ script: { fault: 'linger-after-terminal' } })

  const answer = await ask(lab.url, reliability(quick))

  expect(answer.error).toBeUndefined()
  expect(answer.tookMs).toBeLessThan(1_500)
})

describe('35: HTTP/2', () => {
  test('a refused stream was not processed: asked again, free of charge', async () => {
    await using server = await http2Server([(stream) => stream.close(refusedStream), answerOne])
    using http2 = sendOverHttp2(server.url)
    const { call, events } = callTo(server.url, { streaming: false })

    const reply = await reliability({ ...quick, circuitBreaker: { failures: 1 } })(call, http2)

    expect(reply.status).toBe(200)
    expect(events).toContainEqual(
      expect.objectContaining({ fault: 'http2-refused', possiblyBilled: false }),
    )
  })

  test('a session that is going away is left for another', async () => {
    await using server = await http2Server([answerOne, answerOne])
    using http2 = sendOverHttp2(server.url)
    const policies = reliability(quick)
    await policies(callTo(server.url, { streaming: false }).call, http2)
    server.goAway()
    await new Promise((resolve) => setTimeout(resolve, 50))

    const { call, events } = callTo(server.url, { streaming: false })
    const reply = await policies(call, http2)

    expect(reply.status).toBe(200)
    expect(events.filter(({ type }) => type === 'attempt-failed')).toMatchObject([
      { fault: 'http2-refused', possiblyBilled: false },
    ])
  })
})

test('36: an abort is never tried again, and keeps its own reason', async () => {
  await using lab = await startLab({ script: { fault: 'header-stall' } })
  const reason = new Error('enough')
  const controller = new AbortController()
  setTimeout(() => controller.abort(reason), 50)

  const answer = await ask(lab.url, reliability(quick), { signal: controller.signal })

  expect(answer.error).toBe(reason)
  expect(lab.requests).toHaveLength(1)
})

describe('what only a person can mend', () => {
  test('is said once, and again where it comes back', async () => {
    const quota = { fault: 'quota-exhausted' } as const
    await using lab = await startLab({ script: [quota, quota, {}, quota] })
    const policies = reliability(quick)
    const told = []

    for (let call = 0; call < 4; call++) {
      const { events } = await ask(lab.url, policies, { prompt: `${call}` })
      told.push(events.filter(({ type }) => type === 'alert-raised').length)
    }

    expect(told).toEqual([1, 0, 0, 1])
  })

  test('is said of each account by itself', async () => {
    await using lab = await startLab({ script: { fault: 'invalid-key' } })
    const policies = reliability(quick)
    const alerts = async (asked: Ask): Promise<number> =>
      (await ask(lab.url, policies, asked)).events.filter(({ type }) => type === 'alert-raised')
        .length

    expect(await alerts({ apiKey: 'one' })).toBe(1)
    expect(await alerts({ apiKey: 'two' })).toBe(1)
    expect(await alerts({ apiKey: 'one' })).toBe(0)
  })
})

function nameOf({ strikes }: Row): string {
  return typeof strikes === 'string' ? strikes : strikes.name
}

function refused({ error }: { readonly error: unknown }): boolean {
  return error instanceof Error && 'code' in error && error.code === 'CIRCUIT_OPEN'
}

const refusedStream = 7

interface Http2Server extends AsyncDisposable {
  readonly url: string
  goAway(): void
}

/** A model behind HTTP/2 without TLS; each request meets the next of the answers. */
async function http2Server(
  answers: readonly ((stream: ServerHttp2Stream) => void)[],
): Promise<Http2Server> {
  const server = createServer()
  const sessions = new Set<{ goaway(): void; destroy(): void }>()
  let asked = 0
  server.on('session', (session) => {
    sessions.add(session)
    session.on('error', () => {})
  })
  server.on('stream', (stream) => {
    stream.on('error', () => {})
    stream.resume()
    answers[asked++]?.(stream)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    goAway: () => sessions.forEach((session) => session.goaway()),
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function answerOne(stream: ServerHttp2Stream): void {
  const message = { role: 'assistant', content: 'hello' }
  stream.respond({ ':status': 200, 'content-type': 'application/json' })
  stream.end(JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'stop' }] }))
}
