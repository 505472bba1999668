import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { FaultName, Lab, Step, WireName } from '../index.ts'
import { faults, startLab } from '../index.ts'

/** What a bare client sees: the status, how the body ends, and whether the answer is complete in it. */
interface Seen {
  readonly status: number | undefined
  readonly ends: 'well' | 'cut' | 'hangs'
  readonly complete: boolean
}

type Wire = Exclude<WireName, 'other'>

interface Cell {
  readonly fault: FaultName
  readonly wire: Wire
  readonly streamed: boolean
}

const good: Seen = { status: 200, ends: 'well', complete: true }
const bad: Seen = { status: 200, ends: 'well', complete: false }
const cut: Seen = { status: 200, ends: 'cut', complete: false }
const hangs: Seen = { status: 200, ends: 'hangs', complete: false }
const nothing: Seen = { status: undefined, ends: 'cut', complete: false }
const silence: Seen = { status: undefined, ends: 'hangs', complete: false }
const status = (code: number): Seen => ({ ...bad, status: code })
const byWire =
  (openai: number, anthropic: number, gemini: number) =>
  ({ wire }: Cell): Seen =>
    status(wire === 'gemini' ? gemini : wire === 'anthropic-messages' ? anthropic : openai)

// Written by hand, apart from the catalogue: what each fault must look like from outside.
const expected: Readonly<
  Record<Exclude<FaultName, 'provider-down'>, Seen | ((cell: Cell) => Seen)>
> = {
  'connection-refused-like': nothing,
  'reset-before-headers': nothing,
  'close-before-headers': nothing,
  'reset-mid-headers': nothing,
  'reused-socket-reset': good,
  'reused-socket-closed': good,
  'not-http': nothing,
  'header-stall': silence,
  'slow-headers': good,
  'slow-loris-headers': silence,
  'interim-response': good,

  'rate-limited': status(429),
  'rate-limited-ms': status(429),
  'rate-limited-date': status(429),
  'rate-limited-long': status(429),
  'rate-limited-no-header': status(429),
  'rate-limited-reset-headers': status(429),
  'rate-limited-body-delay': status(429),
  'quota-exhausted': byWire(429, 400, 429),
  'credit-exhausted': byWire(429, 400, 429),
  'spend-limit': status(429),
  billing: status(402),
  overloaded: byWire(503, 529, 503),
  'server-error': status(500),
  'server-error-empty': status(500),
  'server-error-text': status(500),
  'server-error-no-retry': status(500),
  unavailable: status(503),
  'unavailable-retry-after': status(503),
  'unavailable-html': status(503),
  'bad-gateway': status(502),
  'bad-gateway-html': status(502),
  'gateway-timeout': status(504),
  'cloudflare-520': status(520),
  'cloudflare-521': status(521),
  'cloudflare-522': status(522),
  'cloudflare-523': status(523),
  'cloudflare-524': status(524),
  'request-timeout': status(408),
  conflict: status(409),
  'invalid-request': status(400),
  unprocessable: status(422),
  'context-length': status(400),
  'payload-too-large': status(413),
  'invalid-key': byWire(401, 401, 400),
  forbidden: status(403),
  'unsupported-region': byWire(403, 403, 400),
  'model-not-found': status(404),
  'model-deprecated': status(404),
  'content-filter': status(400),

  'html-200': bad,
  'empty-200': bad,
  'null-200': bad,
  'truncated-json-200': bad,
  'error-in-200': bad,
  'wrong-content-type': good,
  'no-content-type': good,
  'json-for-stream': bad,
  'stream-for-json': bad,
  'reset-mid-body': cut,
  'close-mid-body': cut,
  'stall-mid-body': hangs,
  'slow-body': good,

  'filtered-finish': good,
  recitation: good,
  refusal: good,
  'prompt-blocked': bad,
  'malformed-function-call': good,
  'empty-choices': ({ wire }) => (wire === 'openai-chat' || wire === 'gemini' ? bad : good),
  'empty-answer': good,
  'length-cut': good,
  'length-cut-tool-call': good,
  'malformed-tool-arguments': good,
  'empty-tool-arguments': good,
  'unknown-tool': good,
  'duplicate-tool-ids': good,
  'empty-tool-id': good,
  'usage-missing': good,
  'unknown-finish-reason': good,

  'overloaded-event-first': bad,
  'rate-limit-event-first': bad,
  'error-event-first': bad,
  'error-event-mid': bad,
  'error-in-chunk': bad,
  'stall-after-headers': hangs,
  'stall-before-content': hangs,
  'stall-mid-stream': hangs,
  'stall-with-pings': hangs,
  'stall-before-terminal': hangs,
  'slow-first-content': good,
  'slow-stream': good,
  'reset-before-content': cut,
  'reset-mid-stream': cut,
  'close-mid-stream': cut,
  'reset-after-terminal': { ...cut, complete: true },
  'linger-after-terminal': { ...hangs, complete: true },
  'empty-stream': bad,
  'cut-before-content': bad,
  'end-without-terminal': bad,
  'end-after-content': bad,
  'done-without-finish': bad,
  'cut-last-line': bad,
  'cut-mid-line': bad,

  'one-byte-chunks': good,
  coalesced: good,
  crlf: good,
  'carriage-returns': good,
  'comments-between': good,
  'no-done': good,
  bom: good,
  'no-space-after-colon': good,
  'ids-and-retry': good,
  'events-between': good,
  'no-final-newline': good,
  'escaped-unicode': good,
  'gzip-ok': good,
  // fetch does not mind a compressed body that ends too early: it looks like a short answer.
  'gzip-without-trailer': good,
  'truncated-gzip': bad,
  'brotli-ok': good,
  'truncated-brotli': bad,
  'broken-gzip': cut,
}

/** Where a wire looks other than the rest. */
const otherwise: Readonly<Partial<Record<Wire, Partial<Record<FaultName, Seen>>>>> = {
  'bedrock-converse': {
    'quota-exhausted': status(400),
    'credit-exhausted': status(400),
    billing: status(403),
    'invalid-key': status(403),
  },
  'bedrock-anthropic': {
    'quota-exhausted': status(400),
    'credit-exhausted': status(400),
    billing: status(403),
    'invalid-key': status(403),
  },
  // A stream of lines may have one line.
  'ollama-chat': { 'json-for-stream': good },
}

const paths: Readonly<Record<Wire, (streamed: boolean) => string>> = {
  'openai-chat': () => '/v1/chat/completions',
  'openai-responses': () => '/v1/responses',
  'anthropic-messages': () => '/v1/messages',
  gemini: (streamed) =>
    `/v1beta/models/lab:${streamed ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  'bedrock-converse': (streamed) => `/model/lab/converse${streamed ? '-stream' : ''}`,
  'bedrock-anthropic': (streamed) => `/model/lab/invoke${streamed ? '-with-response-stream' : ''}`,
  'cohere-chat': () => '/v2/chat',
  'ollama-chat': () => '/api/chat',
}

const step: Step = {
  text: 'Ünïcode 👋 answer in more than a few words, so that there is a middle.',
  toolCalls: [{ name: 'search', arguments: { query: 'a long enough query', limit: 10 } }],
}

const cells: Cell[] = faults
  .filter(({ name }) => name !== 'provider-down')
  .flatMap(({ name, on, wires }) =>
    wires.flatMap((wire) =>
      [false, true]
        .filter((streamed) => on === 'both' || (on === 'streamed') === streamed)
        .map((streamed) => ({ fault: name, wire, streamed })),
    ),
  )

let lab: Lab
const seen = new Map<string, Seen & { readonly text: string }>()

beforeAll(async () => {
  lab = await startLab({
    script: (request) => {
      const name = String(request.headers['x-fault']) as FaultName
      const slow = name.startsWith('slow-') && name !== 'slow-loris-headers'
      return { ...step, fault: { name, everyMs: 2, ...(slow ? { stallMs: 20 } : {}) } }
    },
  })
  const queue = [...cells]
  const work = async (): Promise<void> => {
    for (let cell = queue.shift(); cell; cell = queue.shift())
      seen.set(key(cell), await observe(cell))
  }
  await Promise.all(Array.from({ length: 48 }, work))
}, 30_000)
afterAll(() => lab.close())

test('there are at least 60 kinds, each with a name of its own', () => {
  const names = faults.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(names.length).toBeGreaterThanOrEqual(60)
})

test('every row of the decision table that a server can cause has a fault', () => {
  // 24 is a name that does not resolve, 25 is https to the lab, 35 is HTTP/2, 36 and 38 are the caller's own doing.
  const notTheServers = [24, 25, 35, 36, 38]
  const rows = new Set(faults.map(({ row }) => row))
  const all = Array.from({ length: 38 }, (_, index) => index + 1)
  expect(all.filter((row) => !rows.has(row))).toEqual(notTheServers)
})

test.each(faults.filter(({ name }) => name !== 'provider-down'))(
  '$name looks on every wire as the catalogue says',
  ({ name }) => {
    const mine = cells.filter((cell) => cell.fault === name)
    expect(mine.length).toBeGreaterThan(0)
    for (const cell of mine) {
      const { text: _, ...outside } = observed(cell)
      expect.soft(outside, key(cell)).toEqual(wanted(cell))
    }
  },
)

test('the lab knows which faults it played; those that need a reused connection stayed good', () => {
  const unplayed = new Set(
    lab.requests
      .filter(({ fault, headers }) => fault !== headers['x-fault'])
      .map(({ headers, reusedConnection }) => `${headers['x-fault']} ${reusedConnection}`),
  )
  expect([...unplayed].toSorted()).toEqual([
    'reused-socket-closed false',
    'reused-socket-reset false',
  ])
})

describe('what the bodies say', () => {
  const texts = (fault: FaultName, wire: Wire): string[] =>
    cells
      .filter((cell) => cell.fault === fault && cell.wire === wire)
      .map((cell) => observed(cell).text)

  test('errors have the shape of their provider', () => {
    for (const wire of ['openai-chat', 'openai-responses'] as const) {
      for (const text of texts('quota-exhausted', wire)) {
        expect(JSON.parse(text).error).toMatchObject({ code: 'insufficient_quota', param: null })
      }
    }
    for (const text of texts('overloaded', 'anthropic-messages')) {
      expect(JSON.parse(text)).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } })
    }
    for (const text of texts('rate-limited-body-delay', 'gemini')) {
      const { error } = JSON.parse(text)
      expect(error).toMatchObject({ code: 429, status: 'RESOURCE_EXHAUSTED' })
      expect(error.details).toContainEqual({
        '@type': 'type.googleapis.com/google.rpc.RetryInfo',
        retryDelay: '1s',
      })
    }
  })

  test('a cut tool call is half a JSON text with a finish reason that says so', () => {
    for (const text of texts('length-cut-tool-call', 'openai-chat')) {
      expect(text).toMatch(/"finish_reason":\s*"length"/)
    }
    const [whole = ''] = texts('length-cut-tool-call', 'openai-chat')
    const [call] = JSON.parse(whole).choices[0].message.tool_calls
    expect(() => JSON.parse(call.function.arguments)).toThrow(SyntaxError)
    for (const text of texts('length-cut-tool-call', 'anthropic-messages')) {
      expect(text).toContain('"stop_reason":"max_tokens"')
    }
    for (const text of texts('length-cut-tool-call', 'openai-responses')) {
      expect(text).toContain('max_output_tokens')
    }
    for (const text of texts('length-cut-tool-call', 'gemini')) expect(text).toContain('MAX_TOKENS')
  })

  test('duplicate ids are two calls with one id', () => {
    const [whole = ''] = texts('duplicate-tool-ids', 'openai-chat')
    const ids = JSON.parse(whole).choices[0].message.tool_calls.map(
      (call: { id: string }) => call.id,
    )
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(1)
  })

  test('no text beyond ASCII is left when everything is escaped', () => {
    for (const text of texts('escaped-unicode', 'openai-chat')) {
      expect(text).toContain('\\u00dcn\\u00efcode')
      expect(Array.from(text).every((character) => character < '\u0080')).toBe(true)
    }
  })

  test('what comes before a cut is the beginning of the good answer', () => {
    for (const wire of [
      'openai-chat',
      'openai-responses',
      'anthropic-messages',
      'gemini',
    ] as const) {
      const [half = ''] = texts('end-without-terminal', wire)
      expect(half).toContain('Ünïcode')
      expect(half).not.toContain('middle.')
    }
  })
})

function key({ fault, wire, streamed }: Cell): string {
  return `${fault} / ${wire} / ${streamed ? 'streamed' : 'whole'}`
}

function wanted(cell: Cell): Seen {
  const other = otherwise[cell.wire]?.[cell.fault]
  if (other !== undefined) return other
  const want = expected[cell.fault as keyof typeof expected]
  return typeof want === 'function' ? want(cell) : want
}

function observed(cell: Cell): Seen & { readonly text: string } {
  const found = seen.get(key(cell))
  if (found === undefined) throw new Error(`not observed: ${key(cell)}`)
  return found
}

async function observe(cell: Cell): Promise<Seen & { readonly text: string }> {
  const { fault, wire, streamed } = cell
  // Long where an end is expected, so that a busy machine does not look like a hang.
  const giveUp = AbortSignal.timeout(wanted(cell).ends === 'hangs' ? 1500 : 15_000)
  let code: number | undefined
  let ends: Seen['ends'] = 'well'
  const chunks: Uint8Array[] = []
  try {
    const response = await fetch(lab.url + paths[wire](streamed), {
      method: 'POST',
      // A connection of its own, so that one cell's broken connection is no other's.
      headers: {
        'x-fault': fault,
        connection: 'close',
        'content-type': 'application/json',
        'accept-encoding': 'gzip, deflate, br',
      },
      body: JSON.stringify({
        model: 'lab',
        stream: streamed,
        stream_options: { include_usage: true },
      }),
      signal: giveUp,
    })
    code = response.status
    for await (const chunk of response.body ?? []) chunks.push(chunk)
  } catch {
    ends = giveUp.aborted ? 'hangs' : 'cut'
  }
  const text = new TextDecoder().decode(Buffer.concat(chunks))
  return { status: code, ends, complete: complete(text, wire, streamed), text }
}

/** An oracle of its own: does this body hold an answer that its provider marks as finished? */
function complete(text: string, wire: Wire, streamed: boolean): boolean {
  const marks: Readonly<Record<Wire, RegExp>> = {
    'openai-chat': /"finish_reason":"(?!error)/,
    'openai-responses': /"type":"response\.(completed|incomplete)"/,
    'anthropic-messages': /"stop_reason":"/,
    gemini: /"finishReason":\s?"/,
    'bedrock-converse': /"stopReason":"/,
    'bedrock-anthropic': /"stop_reason":"/,
    'cohere-chat': /"finish_reason":"(?!ERROR")/,
    'ollama-chat': /"done":true/,
  }
  if (streamed) {
    const binary = wire.startsWith('bedrock')
    if (binary && !text.includes(':event-type')) return false
    if (!binary && wire !== 'ollama-chat' && !/^data:/m.test(text)) return false
    return marks[wire].test(wire === 'bedrock-anthropic' ? chunksOf(text) : text)
  }
  try {
    const body = JSON.parse(text)
    return Boolean(
      body?.choices?.[0]?.finish_reason ??
      body?.candidates?.[0]?.finishReason ??
      body?.stop_reason ??
      body?.stopReason ??
      body?.finish_reason ??
      body?.done_reason ??
      (body?.object === 'response' && body.status !== 'failed'),
    )
  } catch {
    return false
  }
}

/** What the chunks of a stream of InvokeModel hold. */
function chunksOf(text: string): string {
  const chunks = Array.from(text.matchAll(/"bytes":"([^"]+)"/g), ([, bytes = '']) => bytes)
  return chunks.map((bytes) => Buffer.from(bytes, 'base64').toString()).join('\n')
}
