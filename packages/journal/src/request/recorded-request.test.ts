import { expect, test } from 'vitest'
import type { ReadEntry } from '../record/entries.ts'
import { knownRequests } from '../run/known-requests.ts'
import { callWithBody } from '../testing/call-with-body.ts'
import { generator } from '../testing/generator.ts'
import { Conversations, requestOf } from './conversations.ts'
import { EarlierRequests } from './earlier-requests.ts'
import { partsOf, recordRequest, requestBodies, requestBody } from './recorded-request.ts'

const user = (content: string) => ({ role: 'user', content })
const body = (messages: readonly unknown[], more: object = {}) =>
  JSON.stringify({ model: 'm', messages, temperature: 0, ...more })

/** Records bodies one after the other, as a run does. */
function recorder() {
  const earlier = new EarlierRequests()
  const blobs = new Map<string, string>()
  const known = new Set<string>()
  const entries: ReadEntry[] = []
  return {
    entries,
    blob: async (hash: string) => blobs.get(hash),
    record: (text: string, seq = entries.length) => {
      const common = earlier.inCommon(text)
      const { request, blobs: added } = recordRequest(text, common, known)
      for (const { hash, content } of added) {
        blobs.set(hash, String(content))
        known.add(hash)
      }
      earlier.add(seq, text, common)
      const data = { format: 'plain', operation: 'chat', model: 'm', streaming: false, request }
      entries.push({ kind: 'llm', seq, data } as ReadEntry)
      return request
    },
  }
}

test('a turn adds its new messages and nothing else', () => {
  const { record } = recorder()
  const messages: unknown[] = [user('first')]
  expect(record(body(messages)).pieces).toEqual([body(messages)])
  for (let turn = 0; turn < 20; turn++) {
    const more = [{ role: 'assistant', content: `well ${turn}` }, user('and then?')]
    messages.push(...more)
    const { base, pieces } = record(body(messages))
    expect([base, pieces]).toEqual([turn, [`,${JSON.stringify(more).slice(1, -1)}`]])
  }
})

test('conversations side by side each go on from their own', () => {
  const { record } = recorder()
  const one = [user(`one ${'x'.repeat(1_000)}`)]
  const other = [user(`other ${'y'.repeat(1_000)}`)]
  record(body(one))
  record(body(other))
  for (let turn = 2; turn < 10; turn++) {
    const messages = turn % 2 === 0 ? one : other
    messages.push(user(`turn ${turn}`))
    const { base, pieces } = record(body(messages))
    expect([base, pieces]).toEqual([turn - 2, [`,${JSON.stringify(user(`turn ${turn}`))}`]])
  }
})

test('the same request again is no piece at all', () => {
  const { record } = recorder()
  const text = body([user('again')])
  record(text)
  expect(record(text)).toEqual({ base: 0, start: text.length, end: 0, pieces: [] })
})

test('long parts of a body are blobs, and said once', () => {
  const { record } = recorder()
  const system = { role: 'system', content: 'rules '.repeat(1_000) }
  const tools = { tools: ['t'.repeat(5_000)] }
  const first = record(body([system, user('a')], tools))
  expect(first.pieces.map((piece) => typeof piece)).toEqual([
    'string',
    'object',
    'string',
    'object',
  ])
  const second = record(body([system, user('b')], tools))
  expect(second).toMatchObject({ base: 0, pieces: ['b'] })
})

test('half a character is never written', async () => {
  const { record, entries, blob } = recorder()
  const texts = ['😀', '😁', '😀😁', '\u{1F600}\u{10600}', '\u{1F601}\u{10600}'].map((text) =>
    body([user(text)]),
  )
  for (const text of texts) {
    const { pieces } = record(text)
    for (const piece of pieces) expect(Buffer.from(piece as string).toString()).toBe(piece)
  }
  expect(await Promise.all(entries.map(({ seq }) => requestBody(entries, seq, blob)))).toEqual(
    texts,
  )
})

test('a body is the sum of its parts, whatever stands between them', () => {
  const texts = [
    '{ "a" : 1, "messages" : [ {"x": "]"} , {"y":[1]} ] , "b": 2 }',
    '{"messages":[]}',
    '{"messages":[{"cut',
    'no JSON',
    '',
  ]
  for (const text of texts) expect(partsOf(text).join('')).toBe(text)
  expect(partsOf(texts[0] ?? '')).toHaveLength(5)
})

test('any conversations side by side, cut, changed and gone on with, are recorded as they were', async () => {
  const random = generator(20_261_121)
  const pick = (count: number) => Math.floor(random() * count)
  const texts = ['a', 'b', 'long '.repeat(2_000), '"q"', '\\', '{"x":[1,"]"]}', 'ü\u0000😀', '😁']
  const { record, entries, blob } = recorder()
  const recorded = new Map<number, string>()
  let branches: unknown[][] = [[]]
  for (let seq = 0; seq < 600; seq++) {
    const at = pick(branches.length)
    const messages = [...(branches[at] ?? [])]
    const roll = random()
    if (roll < 0.1) messages.splice(pick(messages.length + 1))
    else if (roll < 0.2 && messages.length > 0) messages[pick(messages.length)] = user('changed')
    for (let more = pick(3); more >= 0; more--) {
      messages.push(user(texts[pick(texts.length)] ?? ''))
    }
    if (roll > 0.9) branches = [...branches, messages].slice(-12)
    else branches[at] = messages
    const text = body(messages, roll > 0.5 ? {} : { tools: ['t'.repeat(pick(3) * 3_000)] })
    // Some requests fail, and are never recorded.
    if (random() < 0.2) continue
    record(text, seq)
    recorded.set(seq, text)
  }
  const read = new Map<number, string | undefined>()
  for await (const { entry, body: said } of requestBodies(entries, blob)) read.set(entry.seq, said)
  expect(read).toEqual(recorded)
  const [last] = [...recorded.keys()].slice(-1)
  expect(await requestBody(entries, last ?? -1, blob)).toBe(recorded.get(last ?? -1))
  expect(await requestBody(entries, -1, blob)).toBeUndefined()

  const fingerprintOf = (text: string) =>
    new Conversations().read(requestOf(callWithBody(text))).fingerprint
  const known = await knownRequests(entries, blob)
  expect([...known].map(([seq, { fingerprint }]) => [seq, fingerprint])).toEqual(
    [...recorded].map(([seq, text]) => [seq, fingerprintOf(text)]),
  )
})

test('a request of which a piece is missing is none, nor is what goes on from it', async () => {
  const { record, entries, blob } = recorder()
  record(body([user('short')]))
  record(body([user('x'.repeat(5_000))]))
  record(body([user('x'.repeat(5_000)), user('more')]))
  const missing = [...(await knownRequests(entries, async () => undefined)).keys()]
  expect(missing).toEqual([0])
  expect([...(await knownRequests(entries, blob)).keys()]).toEqual([0, 1, 2])
})
