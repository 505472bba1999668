import type { ReplyEvent } from '@holdfast/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RecordingServer, serveRecordings } from '../recordings/serve.ts'
import { httpOf } from './calls.ts'
import { checkAnswer } from './check-answer.ts'
import { checkRequest } from './check-request.ts'
import { lost, requests } from './fixtures.ts'
import { formatNamed, formatNames } from './formats.ts'
import { type Catcher, startCatcher } from './send.ts'

let catcher: Catcher
let server: RecordingServer
beforeAll(async () => {
  catcher = await startCatcher()
  server = await serveRecordings()
})
afterAll(async () => {
  await catcher.close()
  await server.close()
})

const pairs = formatNames.flatMap((from) =>
  formatNames.filter((to) => to !== from).map((to) => ({ from, to })),
)

describe.for(pairs)('$from -> $to', ({ from, to }) => {
  test('a request is accepted there, and what it loses is named', async () => {
    const { url, body } = requests[from]
    const request = formatNamed(from).readRequest(httpOf(url, JSON.stringify(body)), 'chat')

    const carried = await checkRequest(request, { file: 'fixture', from, to }, catcher)

    expect(carried.failed).toBeUndefined()
    expect(carried.losses.map(({ what }) => what).toSorted()).toEqual(lost[from][to]?.toSorted())
  })

  test.for([false, true])(
    'the SDK that asked reads the answer, streamed: %s',
    async (streaming) => {
      const writer = formatNamed(from).replyWriter({ streaming, model: 'other' })
      const pieces = events.map((event) => writer.write(event))
      const body = Buffer.concat([...pieces, writer.end()])
      const exchange = { file: 'fixture', wire: from, streaming, status: 200, headers: {}, body }

      const carried = await checkAnswer(exchange, { from, to }, server)

      expect(carried.failed).toBeUndefined()
      const reasoningIsLost = to === 'openai-responses' || to === 'anthropic-messages'
      expect(carried.losses.map(({ what }) => what)).toEqual(reasoningIsLost ? ['reasoning'] : [])
    },
  )

  test.for([400, 401, 403, 404, 429, 500, 503, 529])(
    'an error %i stays one of its class',
    async (status) => {
      const failure = { status, message: 'This did not work' }
      const writer = formatNamed(from).replyWriter({
        streaming: false,
        model: 'other',
        foreign: true,
      })
      writer.write({ type: 'error', failure })
      const body = writer.end()
      const exchange = { file: 'fixture', wire: from, streaming: false, status, headers: {}, body }

      const carried = await checkAnswer(exchange, { from, to }, server)

      expect(carried.failed).toBeUndefined()
    },
  )
})

const events: ReplyEvent[] = [
  { type: 'message-start', id: 'id_1', model: 'other' },
  { type: 'reasoning-delta', choice: 0, text: 'Hm, let me think.' },
  { type: 'text-delta', choice: 0, text: 'Grüße ' },
  { type: 'text-delta', choice: 0, text: 'aus Zürich' },
  { type: 'tool-call-start', choice: 0, index: 0, id: 'call_a', name: 'weather' },
  { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{"city":' },
  { type: 'tool-call-delta', choice: 0, index: 0, arguments: '"Zürich"}' },
  { type: 'tool-call-start', choice: 0, index: 1, id: 'call_b', name: 'weather' },
  { type: 'tool-call-delta', choice: 0, index: 1, arguments: '{"city":"Bern"}' },
  {
    type: 'usage',
    usage: { inputTokens: 30, outputTokens: 12, cachedInputTokens: 10, reasoningTokens: 4 },
  },
  { type: 'finish', choice: 0, reason: 'tool-calls', raw: '' },
]
