import { assemble, httpHeaders, openReply } from '@holdfast/core'
import type { AssembledMessage, HttpBody, LlmRequest } from '@holdfast/core'
import { startLab } from '@holdfast/lab'
import type { FaultName as LabFaultName, LabRequest, Step } from '@holdfast/lab'
import { formats } from '@holdfast/wire'
import { array, asyncProperty, assert, constantFrom, integer } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ask, callTo, send, wireNames } from '../../testing/exchange.ts'
import type { Ask, Ended, WireName } from '../../testing/exchange.ts'
import { reliability } from '../reliability.ts'
import type { ReliabilityOptions } from '../reliability.ts'
import { interruptionOf } from './stream-interrupted.ts'
import { WholeEvents } from './whole-events.ts'

const options: ReliabilityOptions = {
  resendGuard: false,
  circuitBreaker: false,
  continueText: true,
  retry: { baseDelayMs: 1 },
  timeout: { betweenContentMs: 500 },
}
const text = 'one two three four five six'
const cut = { text, fault: { name: 'reset-mid-stream', afterChunks: 3 } } as const
const rest = { text: ' four five six' } as const

/** What a client of the format reads out of the bytes that were handed up. */
function readBack({ text: body }: Ended, wire: WireName): AssembledMessage & { complete: boolean } {
  const format = formats.find(({ name }) => name === wire)
  const reader = format?.replyReader({
    operation: 'chat',
    streaming: true,
    contentType: 'text/event-stream',
  })
  if (reader === undefined) throw new Error(`no format ${wire}`)
  const events = [...reader.push(Buffer.from(body)), ...reader.end()]
  expect(events.filter(({ type }) => type === 'message-start').length).toBeLessThanOrEqual(1)
  return { ...assemble(events), complete: reader.complete }
}

describe.for(wireNames)('%s: text that breaks off', (wire) => {
  test.for<LabFaultName>([
    'reset-mid-stream',
    'close-mid-stream',
    'stall-mid-stream',
    'end-without-terminal',
    'cut-mid-line',
    'error-event-mid',
  ])('%s goes on with another attempt, as one answer', async (name) => {
    await using lab = await startLab({
      script: [{ text, fault: { name, afterChunks: 3 } }, rest],
    })

    const answer = await ask(lab.url, reliability(options), { wire })

    expect(answer.error).toBeUndefined()
    const read = readBack(answer, wire)
    const said = /one two( three)?/.exec(read.text)?.[0]
    expect(read).toMatchObject({
      text: `${said}${rest.text}`,
      finishReason: 'stop',
      complete: true,
    })
    expect(lab.requests).toHaveLength(2)
    expect(lab.requests[1]?.bodyText).toContain(said)
    expect(answer.events.filter(({ type }) => type === 'answer-continued')).toEqual([
      { type: 'answer-continued', characters: said?.length },
    ])
  })

  test('breaks twice, goes on twice', async () => {
    await using lab = await startLab({
      script: [
        { text, fault: { name: 'end-without-terminal', afterChunks: 2 } },
        {
          text: ' three four five',
          fault: { name: 'reset-mid-stream', afterChunks: 2 },
        },
        { text: ' five six' },
      ],
    })

    const answer = await ask(lab.url, reliability(options), { wire })

    expect(answer.error).toBeUndefined()
    expect(readBack(answer, wire)).toMatchObject({ text, complete: true })
    expect(lab.requests).toHaveLength(3)
  })

  test('an unbroken answer passes byte for byte', async () => {
    await using lab = await startLab({ script: { text, reasoning: 'hm' } })

    const bare = await ask(lab.url, (call, next) => next(call), { wire })
    lab.reset()
    const held = await ask(lab.url, reliability(options), { wire })

    expect(held.text).toBe(bare.text)
    expect(lab.requests).toHaveLength(1)
  })

  test('reasoning before the text is not thought twice', async () => {
    await using lab = await startLab({
      script: [
        { ...cut, reasoning: 'hm', fault: { ...cut.fault, afterChunks: 4 } },
        { ...rest, reasoning: 'and again' },
      ],
    })

    const answer = await ask(lab.url, reliability(options), { wire })

    expect(answer.error).toBeUndefined()
    const read = readBack(answer, wire)
    expect(read.text).toMatch(/^one.* four five six$/)
    expect(read.reasoning).not.toContain('again')
  })
})

describe('how the rest is asked for', () => {
  const bodyOf = async (asked: Ask, step: Step = cut): Promise<LabRequest | undefined> => {
    await using lab = await startLab({ script: [step, rest] })
    await ask(lab.url, reliability(options), asked)
    return lab.requests[1]
  }

  const rolesOf = (request: LabRequest | undefined): string[] => {
    const body = request?.body as { messages: { role: string }[] } | undefined
    return body?.messages.map(({ role }) => role) ?? []
  }

  test('Claude goes on from its own words, where the model can', async () => {
    const wire = 'anthropic-messages'
    const older = await bodyOf({ wire, model: 'claude-sonnet-4-5-20250929' })
    const newer = await bodyOf({ wire, model: 'claude-opus-4-6' })

    expect(rolesOf(older)).toEqual(['user', 'assistant'])
    expect(rolesOf(newer)).toEqual(['user', 'assistant', 'user'])
  })

  test('others are told to go on', async () => {
    const request = await bodyOf({ wire: 'openai-chat' })

    expect(request?.body).toMatchObject({
      messages: [
        { role: 'user', content: 'hello' },
        { role: 'assistant' },
        { role: 'user', content: expect.stringContaining('Go on exactly where it stopped') },
      ],
    })
  })

  test('a space is not said twice', async () => {
    await using lab = await startLab({
      script: [
        {
          text: 'one\n\ntwo\n\n three',
          chunks: 3,
          fault: { name: 'reset-mid-stream', afterChunks: 2 },
        },
        { text: ' \nthree' },
      ],
    })
    const answer = await ask(lab.url, reliability(options))

    const { text: read } = readBack(answer, 'openai-chat')
    expect(read.replaceAll(/\s+/g, ' ')).toBe('one two three')
    expect(read).not.toMatch(/\s{4}/)
  })

  test('a fallback of another format goes on in its own, and the answer stays in the first', async () => {
    await using lab = await startLab({
      script: ({ wire, index }) =>
        wire === 'anthropic-messages' ? rest : index === 0 ? cut : { fault: 'unavailable' },
    })
    const format = formats.find(({ name }) => name === 'anthropic-messages')
    if (format === undefined) throw new Error('no format')
    const spare = { format, model: 'claude-opus-4-6', baseUrl: lab.url, apiKey: 'k' }
    const policies = reliability({ ...options, fallback: { to: [spare] } })

    const answer = await ask(lab.url, policies)

    expect(answer.error).toBeUndefined()
    expect(readBack(answer, 'openai-chat')).toMatchObject({ text, finishReason: 'stop' })
    expect(lab.requests.map(({ wire }) => wire)).toEqual([
      'openai-chat',
      'openai-chat',
      'openai-chat',
      'anthropic-messages',
    ])
  })
})

test('a reader who leaves while the rest is asked for ends that attempt', async () => {
  await using lab = await startLab({ script: [cut, { fault: 'header-stall' }] })
  const { call } = callTo(lab.url)
  const reply = await reliability({ ...options, timeout: {} })(call, send)
  const reading = (async () => {
    while ((await reply.next()) !== undefined);
  })()
  await expect.poll(() => lab.requests.length).toBe(2)

  await reply.cancel()

  await expect(reading).resolves.toBeUndefined()
  await expect.poll(() => lab.requests[1]?.outcome).toBe('aborted-by-client')
})

test('a call that is not retried may go on once', async () => {
  await using lab = await startLab({ script: [cut, rest] })

  const answer = await ask(lab.url, reliability({ ...options, retry: false }))

  expect(readBack(answer, 'openai-chat').text).toBe(text)
})

describe('nothing is continued', () => {
  const interruptedAfter = async (
    script: Step | Step[],
    changes: Partial<LlmRequest> = {},
    extra: ReliabilityOptions = {},
  ): Promise<{ requests: number; error: unknown }> => {
    await using lab = await startLab({ script })
    const { call } = callTo(lab.url)
    const changed = call.with({ request: { ...call.request, ...changes } })
    let error: unknown
    try {
      const reply = await reliability({ ...options, ...extra })(changed, send)
      while ((await reply.next()) !== undefined);
    } catch (thrown) {
      error = thrown
    }
    return { requests: lab.requests.length, error }
  }

  test('by default', async () => {
    const { requests, error } = await interruptedAfter(cut, undefined, { continueText: false })

    expect(requests).toBe(1)
    expect(interruptionOf(error)?.partial.text).toBe('one two three')
  })

  test('inside or after a tool call', async () => {
    const toolCalls = [{ name: 'weather', arguments: { city: 'Oslo' } }]
    const step = { text: 'let me see', toolCalls, fault: 'end-after-content' } as const
    const { requests, error } = await interruptedAfter(step)

    expect(requests).toBe(1)
    expect(interruptionOf(error)?.partial.toolCalls).toHaveLength(1)
  })

  test('where the model had only thought so far', async () => {
    const { requests } = await interruptedAfter({
      text,
      reasoning: 'I think and think and think',
      fault: { name: 'reset-mid-stream', afterChunks: 1 },
    })

    expect(requests).toBe(1)
  })

  test('where structure was asked for', async () => {
    const { requests } = await interruptedAfter(cut, { output: { type: 'json' } })

    expect(requests).toBe(1)
  })

  test('where the call has no request left', async () => {
    const { requests, error } = await interruptedAfter(cut, undefined, {
      retry: { maxAttempts: 1 },
    })

    expect(requests).toBe(1)
    expect(interruptionOf(error)).toBeDefined()
  })

  test('and where nobody can, the first error stays, with what had arrived', async () => {
    const { requests, error } = await interruptedAfter([
      cut,
      { fault: 'invalid-request' },
      { fault: 'invalid-request' },
    ])

    expect(requests).toBe(2)
    expect(error).toBeInstanceOf(TypeError)
    expect(interruptionOf(error)?.partial.text).toBe('one two three')
  })

  test('a part of two attempts is all that had arrived', async () => {
    const { error } = await interruptedAfter(
      [cut, { ...rest, fault: { name: 'end-without-terminal', afterChunks: 2 } }],
      undefined,
      { retry: { maxAttempts: 2 } },
    )

    expect(error).toMatchObject({ code: 'STREAM_INTERRUPTED', fault: 'incomplete-after-content' })
    expect(interruptionOf(error)?.partial.text).toBe('one two three four five')
  })
})

test.for(wireNames)(
  '%s: wherever the bytes are cut, and however they come, one answer',
  async (wire) => {
    await using lab = await startLab({ script: [{ text: `${text} – äöü 🌊` }, rest] })
    const bodies: string[] = []
    for (let call = 0; call < 2; call++) {
      bodies.push((await ask(lab.url, (bare, next) => next(bare), { wire })).text)
    }
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = bodies.map((body) =>
      Buffer.from(body),
    )
    const format = formats.find(({ name }) => name === wire)

    await assert(
      asyncProperty(
        integer({ min: 0, max: first.length }),
        array(integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 }),
        async (cut, sizes) => {
          let sends = 0
          const { call, events } = callTo('http://a.example', { wire })
          const reply = await reliability(options)(call, async (attempt) => {
            const breaks = sends++ === 0
            return openReply(attempt, {
              status: 200,
              statusText: '',
              headers: httpHeaders({ 'content-type': 'text/event-stream' }),
              body: inPieces(breaks ? first.subarray(0, cut) : second, sizes, breaks),
            })
          })
          let handedUp = ''
          const decoder = new TextDecoder()
          for (let frame = await reply.next(); frame !== undefined; frame = await reply.next()) {
            handedUp += decoder.decode(frame.bytes, { stream: true })
          }

          const facts = {
            operation: 'chat',
            streaming: true,
            contentType: 'text/event-stream',
          } as const
          const reader = format?.replyReader(facts)
          const before = assemble(reader?.push(first.subarray(0, cut)) ?? [])
          const goesOn = events.some(({ type }) => type === 'answer-continued')
          const joined = before.text + (/\s$/.test(before.text) ? rest.text.trimStart() : rest.text)
          const wanted = reader?.complete === true ? before.text : joined
          const read = readBack({ text: handedUp } as Ended, wire)
          expect(read).toMatchObject({ text: wanted, finishReason: 'stop', complete: true })
          expect(goesOn).toBe(before.text !== '' && reader?.complete !== true)
        },
      ),
      { numRuns: 150 },
    )
  },
)

/** A body in pieces of the given sizes, over and over, which breaks at its end or not. */
function inPieces(bytes: Uint8Array, sizes: readonly number[], breaks: boolean): HttpBody {
  let at = 0
  let piece = 0
  return {
    async read() {
      if (at < bytes.length) {
        const size = sizes[piece++ % sizes.length] ?? 1
        return bytes.subarray(at, (at += size))
      }
      if (breaks) throw Object.assign(new Error('reset'), { code: 'ECONNRESET' })
      return undefined
    },
    readAll: async () => bytes,
    cancel: async () => {},
  }
}

test('whole events pass, the beginning of one waits, however the bytes are cut', async () => {
  await assert(
    asyncProperty(
      constantFrom('\n\n', '\r\n\r\n', '\r\r'),
      array(integer({ min: 1, max: 9 }), { maxLength: 40 }),
      async (boundary, sizes) => {
        const body = Buffer.from(`data: a${boundary}data: äöü${boundary}: ping${boundary}data: b`)
        const whole = new WholeEvents()
        let passed = ''
        let at = 0
        for (const size of [...sizes, body.length]) {
          const bytes = whole.take(body.subarray(at, at + size))
          at += size
          if (bytes.length > 0)
            expect(Buffer.from(bytes).toString()).toMatch(/(\n\n|\r\n\r\n|\r\r)$/)
          passed += Buffer.from(bytes).toString()
        }
        expect(passed + Buffer.from(whole.rest()).toString()).toBe(body.toString())
        expect(whole.rest()).toHaveLength(0)
      },
    ),
  )
})
