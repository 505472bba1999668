import { expect, test } from 'vitest'
import type { CallEvent } from './call-event.ts'
import { bytesBody, httpHeaders } from './http.ts'
import type { HttpBody } from './http.ts'
import { openReply } from './open-reply.ts'
import { lineCall, lineFormat } from './testing/line-format.ts'
import { translateReply } from './translate-reply.ts'
import type { ReplyWriter, WireFormat, WriterFacts } from './wire-format.ts'

/** The line format with another spelling, so that one sees who wrote what. */
const loud: WireFormat = {
  ...lineFormat,
  name: 'loud',
  composeRequest: ({ model }) => ({
    url: 'https://loud.example/lines',
    headers: httpHeaders({ 'content-type': 'application/json' }),
    body: JSON.stringify({ model }),
    losses: [{ what: 'whispering', where: 'request', severity: 'detail' }],
    provider: 'loud',
  }),
  replyWriter: (facts) => loudWriter(facts),
}

function loudWriter({ streaming }: WriterFacts): ReplyWriter {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  let whole = ''
  let ended = false
  return {
    contentType: streaming ? 'text/loud' : 'application/loud',
    losses: [{ what: 'a cough', where: 'reply', severity: 'detail' }],
    write(event) {
      if (event.type === 'finish') ended = true
      const said =
        event.type === 'text-delta'
          ? event.text.toUpperCase()
          : event.type === 'error'
            ? `FAILED: ${event.failure.message}`
            : ''
      whole += said
      return bytes(streaming ? said : '')
    },
    end: () => bytes(streaming ? (ended ? 'END' : '') : whole),
  }
}

function answer(pieces: readonly string[], status = 200) {
  let read = 0
  let cancelled = false
  const body: HttpBody = {
    read() {
      const piece = pieces[read++]
      return Promise.resolve(piece === undefined ? piece : new TextEncoder().encode(piece))
    },
    readAll: () => bytesBody(new TextEncoder().encode(pieces.join(''))).readAll(),
    cancel: () => {
      cancelled = true
      return Promise.resolve()
    },
  }
  const headers = httpHeaders({
    'content-type': 'text/lines',
    'content-length': '99',
    'content-encoding': 'gzip',
    'retry-after': '3',
    'x-ratelimit-remaining': '0',
  })
  const response = { status, statusText: 'as it came', headers, body }
  return { response, read: () => read, cancelled: () => cancelled }
}

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)

test('each frame is written anew when it is pulled, with the same events', async () => {
  const { response, read } = answer(['text one\ntext t', 'wo\n', 'finish\n'])
  const reply = translateReply(await openReply(lineCall(), response), lineCall({ format: loud }))

  const first = await reply.next()

  expect([text(first?.bytes), read()]).toEqual(['ONE', 1])
  expect(first?.events).toEqual([{ type: 'text-delta', choice: 0, text: 'one' }])
  expect(text((await reply.next())?.bytes)).toBe('TWO')
  expect(text((await reply.next())?.bytes)).toBe('')
  expect(text((await reply.next())?.bytes)).toBe('END')
  expect(await reply.next()).toBeUndefined()
  expect(reply.complete()).toBe(true)
})

test('of the headers only those go up that the application may act on', async () => {
  const { response } = answer(['finish\n'])
  const reply = translateReply(await openReply(lineCall(), response), lineCall({ format: loud }))

  expect(Object.fromEntries(reply.headers.entries())).toEqual({
    'content-type': 'text/loud',
    'retry-after': '3',
  })
})

test('a whole answer is one frame, an error keeps its status and gets a body of the asked format', async () => {
  const call = { streaming: false } as const
  const asked = lineCall({ ...call, format: loud })
  const good = await openReply(lineCall(call), answer(['text one\nfinish\n']).response)
  const failed = await openReply(lineCall(call), answer(['too much'], 429).response)

  expect(text((await translateReply(good, asked).next())?.bytes)).toBe('ONE')
  const error = translateReply(failed, asked)
  expect(error).toMatchObject({ status: 429, failure: { message: 'too much' } })
  expect(text((await error.next())?.bytes)).toBe('FAILED: too much')
  expect(await error.next()).toBeUndefined()
})

test('a stream that breaks off gets no end', async () => {
  const { response } = answer(['text one\n'])
  const reply = translateReply(await openReply(lineCall(), response), lineCall({ format: loud }))

  expect(text((await reply.next())?.bytes)).toBe('ONE')
  expect(await reply.next()).toBeUndefined()
})

test('cancelling passes on, and what is lost is told once', async () => {
  const { response, cancelled } = answer(['text one\n', 'text two\n'])
  const events: CallEvent[] = []
  const asked = lineCall({ format: loud, emit: (event) => events.push(event) })
  const reply = translateReply(await openReply(lineCall(), response), asked)

  await reply.next()
  await reply.next()
  await reply.cancel()

  expect(cancelled()).toBe(true)
  expect(events).toMatchObject([{ type: 'content-dropped', loss: { what: 'a cough' } }])
})

test('a body that is no answer is an error, not an empty answer', async () => {
  const { response } = answer([])
  const opened = await openReply(lineCall({ streaming: false }), response)
  const reply = translateReply(opened, lineCall({ streaming: false, format: loud }))

  await expect(reply.next()).rejects.toThrow('[REPLY_INVALID]')
})

test('a call in another format is a new request, with the provider it goes to and what it loses', () => {
  const call = lineCall().with({ model: 'other', target: { format: loud } })
  const elsewhere = lineCall().with({ target: { format: loud, baseUrl: 'http://127.0.0.1:8080' } })

  expect(call).toMatchObject({
    format: { name: 'loud' },
    model: 'other',
    provider: 'loud',
    host: 'loud.example',
    losses: [{ what: 'whispering' }],
  })
  expect(call.http.headers.get('authorization')).toBeNull()
  expect(elsewhere.provider).toBe('127.0.0.1:8080')
  expect(() => call.with({ target: { format: lineFormat } })).toThrow('lines is only read')
})
