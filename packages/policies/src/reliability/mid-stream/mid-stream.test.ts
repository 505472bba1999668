import { inspect } from 'node:util'
import { HoldfastError } from '@holdfast/core'
import { startLab } from '@holdfast/lab'
import type { FaultName as LabFaultName, Step } from '@holdfast/lab'
import { describe, expect, test } from 'vitest'
import { ask, wireNames } from '../../testing/exchange.ts'
import type { Ended, WireName } from '../../testing/exchange.ts'
import { reliability } from '../reliability.ts'
import { interruptionOf } from './stream-interrupted.ts'
import type { PartialReply } from './stream-interrupted.ts'

const text = 'one two three four five six'
const quick = {
  resendGuard: false,
  timeout: { betweenContentMs: 500, firstContentMs: 1_000 },
} as const

async function broken(wire: WireName, step: Step): Promise<Ended> {
  await using lab = await startLab({ script: step })
  const answer = await ask(lab.url, reliability(quick), { wire })
  expect(lab.requests).toHaveLength(1)
  return answer
}

function partialOf({ error }: Ended): PartialReply {
  const interruption = interruptionOf(error)
  if (interruption === undefined) throw new Error('no interruption', { cause: error })
  return interruption.partial
}

describe.for(wireNames)('%s: a stream that breaks after its first content', (wire) => {
  test.for([
    ['stall-mid-stream', 'STREAM_STALLED', 'stalled-after-content'],
    ['stall-with-pings', 'STREAM_STALLED', 'stalled-after-content'],
    ['end-without-terminal', 'STREAM_INCOMPLETE', 'incomplete-after-content'],
  ] as const)('%s is STREAM_INTERRUPTED because of %s', async ([fault, code, name]) => {
    const answer = await broken(wire, { text, chunks: 6, fault: { name: fault, afterChunks: 3 } })

    expect(answer.error).toMatchObject({
      code: 'STREAM_INTERRUPTED',
      fault: name,
      retryable: true,
      cause: { code },
    })
    expect(partialOf(answer)).toMatchObject({
      text: 'one two three',
      toolCalls: [],
      finishReason: undefined,
    })
  })

  test.for<LabFaultName>(['reset-mid-stream', 'close-mid-stream'])(
    '%s keeps the error of the transport, and what had arrived is behind it',
    async (name) => {
      const answer = await broken(wire, { text, chunks: 6, fault: { name, afterChunks: 3 } })

      expect(answer.error).toBeInstanceOf(TypeError)
      expect(HoldfastError.is(answer.error)).toBe(false)
      expect(interruptionOf(answer.error)).toMatchObject({
        code: 'STREAM_INTERRUPTED',
        fault: 'reset-after-content',
      })
      expect(partialOf(answer).text).toBe('one two three')
      const chain = []
      for (let at = answer.error; at instanceof Error; at = at.cause) chain.push(at)
      expect(chain.at(-1)).toMatchObject({
        code: expect.stringMatching(/^(UND_ERR_SOCKET|ECONNRESET)$/),
      })
    },
  )

  test('tool calls are there with what they lack', async () => {
    const toolCalls = [
      { name: 'weather', arguments: { city: 'Oslo' } },
      { name: 'weather', arguments: { city: 'Bergen', days: 'seven, if it does not rain' } },
    ]
    const fault = { name: 'end-without-terminal', afterChunks: wire === 'gemini' ? 1 : 5 } as const
    const answer = await broken(wire, { toolCalls, fault })

    const [first, second] = partialOf(answer).toolCalls
    expect(first).toMatchObject({ name: 'weather', complete: true })
    expect(JSON.parse(first?.arguments ?? '')).toEqual({ city: 'Oslo' })
    if (second !== undefined) expect(second.complete).toBe(false)
  })
})

test('an answer that was all there but for its end is a part too', async () => {
  const answer = await broken('anthropic-messages', { text, fault: 'end-after-content' })

  expect(partialOf(answer)).toMatchObject({ text, finishReason: undefined })
  expect(partialOf(answer).usage).toHaveProperty('inputTokens')
})

test('who logs the error does not log the answer', async () => {
  const answer = await broken('openai-chat', { text, fault: 'end-without-terminal' })

  const logged = `${inspect(answer.error, { depth: 9, showHidden: true })}${JSON.stringify(answer.error)}`
  expect(logged).toContain('STREAM_INTERRUPTED')
  expect(logged).not.toContain('two')
})

test('an abort is no interruption', async () => {
  await using lab = await startLab({ script: { text, fault: 'stall-mid-stream' } })
  const signal = AbortSignal.timeout(60)

  const answer = await ask(lab.url, reliability({ resendGuard: false }), { signal })

  expect(answer.error).toBe(signal.reason)
  expect(interruptionOf(answer.error)).toBeUndefined()
})

test('what broke before the first content is no interruption', async () => {
  await using lab = await startLab({ script: { fault: 'cut-before-content' } })

  const answer = await ask(lab.url, reliability({ ...quick, retry: { baseDelayMs: 1 } }))

  expect(answer.error).toMatchObject({ code: 'STREAM_INCOMPLETE' })
  expect(interruptionOf(answer.error)).toBeUndefined()
})

test('the end of the whole time in the middle of an answer is an interruption', async () => {
  await using lab = await startLab({ script: { text: 'word '.repeat(300), chunkDelayMs: 10 } })

  const answer = await ask(lab.url, reliability({ resendGuard: false, timeout: { totalMs: 200 } }))

  expect(answer.error).toMatchObject({
    code: 'STREAM_INTERRUPTED',
    cause: { code: 'CALL_TIMED_OUT' },
  })
  expect(partialOf(answer).text).toMatch(/^word word/)
})

test('one error that breaks two streams stays with the first', async () => {
  const shared = new Error('the session is gone', { cause: new Error('going away') })
  const { interrupted } = await import('./stream-interrupted.ts')
  const { KeptEvents } = await import('./kept-events.ts')
  const [one, two] = ['one', 'two'].map((said) => {
    const kept = new KeptEvents()
    kept.add([{ type: 'text-delta', choice: 0, text: said }])
    return interrupted('a.example', 'reset-after-content', kept, shared)
  })

  expect(one).toBe(shared)
  expect(interruptionOf(one)?.partial.text).toBe('one')
  expect(interruptionOf(two)?.partial.text).toBe('two')
  expect((two as Error).cause).toBe(shared)
})
