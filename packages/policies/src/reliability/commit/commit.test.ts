import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startLab } from '@holdfast/lab'
import { describe, expect, test } from 'vitest'
import { ask, callTo, send, wireNames } from '../../testing/exchange.ts'
import { reliability } from '../reliability.ts'
import { commit } from './commit.ts'

const role =
  'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}\n\n'
const content = 'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\n'
const finish = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'

test('a frame that only names the role is held back until the first content', async () => {
  await using server = await scripted(async (write, sleep) => {
    write(role)
    await sleep(150)
    write(content + finish)
  })
  const { call } = callTo(server.url)
  const startedAtMs = performance.now()

  const reply = await commit()(call, send)

  expect(performance.now() - startedAtMs).toBeGreaterThan(140)
  const text = await textOf(reply)
  expect(text).toBe(role + content + finish)
})

test('after the first content frames pass as they come', async () => {
  await using server = await scripted(async (write, sleep) => {
    write(role + content)
    await sleep(1_500)
    write(content + finish)
  })
  const { call } = callTo(server.url)
  const startedAtMs = performance.now()

  const reply = await commit()(call, send)
  await reply.next()

  expect(performance.now() - startedAtMs).toBeLessThan(1_400)
  await expect(textOf(reply)).resolves.toBe(content + finish)
})

test('what breaks before the first content is retried, and nothing of it is seen', async () => {
  await using lab = await startLab({
    script: [
      { fault: 'reset-before-content' },
      { fault: 'cut-before-content' },
      { text: 'the answer' },
    ],
  })
  const policies = reliability({ retry: { baseDelayMs: 5 } })

  const answer = await ask(lab.url, policies, { wire: 'anthropic-messages' })

  expect(answer.error).toBeUndefined()
  expect(answer.faults).toEqual(['reset-in-body', 'incomplete'])
  expect(answer.text.match(/event: message_start/g)).toHaveLength(1)
})

test.each(wireNames)('%s: an error body in place of a stream is an error status', async (wire) => {
  await using lab = await startLab({ script: { fault: 'error-in-200' } })

  const answer = await ask(lab.url, reliability({ retry: { baseDelayMs: 5 } }), { wire })

  expect([answer.status, answer.error]).toEqual([500, undefined])
  expect(answer.faults).toEqual(['server-error', 'server-error', 'server-error'])
})

test.each(wireNames)('%s: after an error inside of a stream nothing ends well', async (wire) => {
  await using lab = await startLab({ script: { fault: 'error-in-chunk' } })

  const answer = await ask(lab.url, reliability(), { wire })

  expect(answer.error).toMatchObject({ code: 'STREAM_INTERRUPTED' })
  expect(answer.faults).toEqual(['error-after-content'])
})

test('[DONE] before any finish reason is held back: SDKs stop there and take what they have for an answer', async () => {
  await using server = await scripted(async (write, sleep) => {
    write(role + content)
    await sleep(100)
    write('data: [DONE]\n\n')
  })
  const { call } = callTo(server.url)

  const reply = await commit()(call, send)

  const first = await reply.next()
  expect(String(Buffer.from(first?.bytes ?? []))).toBe(role + content)
  await expect(reply.next()).rejects.toMatchObject({ code: 'STREAM_INTERRUPTED' })
})

test('where it comes in one piece with the content, nothing was handed up yet, and another attempt is made', async () => {
  let asked = 0
  await using server = await scripted(async (write) => {
    write(role + content + (asked++ === 0 ? '' : finish) + 'data: [DONE]\n\n')
  })

  const answer = await ask(server.url, reliability({ retry: { baseDelayMs: 5 } }))

  expect([answer.error, answer.faults]).toEqual([undefined, ['incomplete']])
  expect(answer.text).toBe(role + content + finish + 'data: [DONE]\n\n')
})

test('what breaks after the first content is an error, never a splice', async () => {
  await using lab = await startLab({ script: [{ fault: 'reset-mid-stream' }, { text: 'another' }] })

  const answer = await ask(lab.url, reliability({ retry: { baseDelayMs: 5 } }))

  expect(answer.error).toBeInstanceOf(TypeError)
  expect(answer.text).toContain('content')
  expect(answer.text).not.toContain('another')
  expect(answer.faults).toEqual(['reset-after-content'])
  expect(lab.requests).toHaveLength(1)
})

describe('a stream without its terminal event', () => {
  test.for(wireNames)('%s: is an error after the content that came', async (wire) => {
    await using lab = await startLab({ script: { fault: 'end-after-content' } })

    const answer = await ask(lab.url, commit(), { wire })

    expect(answer.status).toBe(200)
    expect(answer.text).not.toBe('')
    expect(answer.error).toMatchObject({
      code: 'STREAM_INTERRUPTED',
      name: 'HoldfastError',
      fault: 'incomplete-after-content',
      cause: { code: 'STREAM_INCOMPLETE' },
    })
  })

  test('is a failed attempt before any content', async () => {
    await using lab = await startLab({ script: { fault: 'cut-before-content' } })
    const { call } = callTo(lab.url)

    await expect(commit()(call, send)).rejects.toMatchObject({ code: 'STREAM_INCOMPLETE' })
  })

  test('is fine where only [DONE] is missing', async () => {
    await using lab = await startLab({ script: { fault: 'no-done' } })

    await expect(ask(lab.url, commit())).resolves.toMatchObject({ error: undefined })
  })
})

describe('a body that stays open after the terminal event', () => {
  test.for(wireNames)('%s: is closed within a second', async (wire) => {
    await using lab = await startLab({ script: { fault: 'linger-after-terminal' } })

    const answer = await ask(lab.url, commit(), { wire })

    expect(answer.error).toBeUndefined()
    expect(answer.tookMs).toBeLessThan(1_000)
    await expect.poll(() => lab.requests[0]?.outcome).toBe('aborted-by-client')
  })

  test('loses nothing that comes in that time, and waits for no slow reader', async () => {
    const usage = 'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}\n\n'
    await using server = await scripted(async (write, sleep) => {
      write(content + finish)
      await sleep(100)
      write(usage)
      await sleep(60_000)
    })
    const { call } = callTo(server.url)

    const reply = await commit({ lingerMs: 300 })(call, send)
    const first = await reply.next()
    await new Promise((resolve) => setTimeout(resolve, 400))

    expect(new TextDecoder().decode(first?.bytes)).toBe(content + finish)
    await expect(textOf(reply)).resolves.toBe(usage)
  })

  test('is no matter where finish reasons come with every chunk', async () => {
    const each =
      'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\n'
    await using server = await scripted(async (write, sleep) => {
      write(each)
      await sleep(20)
      write(each)
      await sleep(200)
      write(each)
    })
    const { call } = callTo(server.url)

    const reply = await commit({ lingerMs: 100 })(call, send)

    await expect(textOf(reply)).resolves.toBe(each.repeat(3))
  })

  test('a connection that breaks there is a good end', async () => {
    await using lab = await startLab({ script: { fault: 'reset-after-terminal' } })

    await expect(ask(lab.url, commit())).resolves.toMatchObject({ error: undefined })
  })
})

describe('a whole body', () => {
  test('is waited for inside the attempt, so that a reset in it is retried', async () => {
    await using lab = await startLab({ script: [{ fault: 'reset-mid-body' }, { text: 'whole' }] })

    const answer = await ask(lab.url, reliability({ retry: { baseDelayMs: 5 } }), {
      streaming: false,
    })

    expect(answer.error).toBeUndefined()
    expect(answer.faults).toEqual(['reset-in-body'])
  })

  test.for(['html-200', 'empty-200', 'null-200', 'truncated-json-200'] as const)(
    '%s is no reply',
    async (name) => {
      await using lab = await startLab({ script: { fault: name } })

      const answer = await ask(lab.url, commit(), { streaming: false })

      expect(answer.error).toMatchObject({ code: 'REPLY_INVALID', fault: 'invalid-body' })
    },
  )

  test('that is an error calling itself 200 gets the status that it means', async () => {
    await using lab = await startLab({ script: { fault: 'error-in-200' } })

    const answer = await ask(lab.url, commit(), { streaming: false })

    expect(answer.status).toBe(500)
    expect(JSON.parse(answer.text)).toHaveProperty('error')
  })
})

test('an answer that says nothing is tried once more, then handed up as it is', async () => {
  await using lab = await startLab({ script: { fault: 'empty-answer' } })

  const answer = await ask(lab.url, reliability())

  expect(answer.error).toBeUndefined()
  expect(answer.status).toBe(200)
  expect(lab.requests).toHaveLength(2)
})

test('an error event before content is handed up as it came when it stays', async () => {
  await using lab = await startLab({ script: { fault: 'overloaded-event-first' } })
  const policies = reliability({ retry: { baseDelayMs: 1, overloadedBaseDelayMs: 1 } })

  const answer = await ask(lab.url, policies, { wire: 'anthropic-messages' })

  expect(answer.status).toBe(200)
  expect(answer.text).toContain('overloaded_error')
  // Whoever overlooks the event still learns that this was no answer.
  expect(answer.error).toMatchObject({ code: 'STREAM_INCOMPLETE' })
  expect(lab.requests).toHaveLength(3)
})

test('a reader that leaves early ends the transfer', async () => {
  await using lab = await startLab({ script: { text: 'word '.repeat(200), chunkDelayMs: 10 } })
  const { call } = callTo(lab.url)

  const reply = await reliability()(call, send)
  await reply.next()
  await reply.cancel()

  await expect.poll(() => lab.requests[0]?.outcome).toBe('aborted-by-client')
})

async function textOf(reply: {
  next(): Promise<{ bytes: Uint8Array } | undefined>
}): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for (let frame = await reply.next(); frame !== undefined; frame = await reply.next()) {
    text += decoder.decode(frame.bytes, { stream: true })
  }
  return text
}

/** A server that writes a stream by hand. */
async function scripted(
  play: (write: (text: string) => void, sleep: (ms: number) => Promise<void>) => Promise<void>,
): Promise<{ url: string } & AsyncDisposable> {
  const stop = new AbortController()
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms)
      stop.signal.addEventListener('abort', () => {
        clearTimeout(timer)
        reject(new Error('the test is over'))
      })
    })
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    play((text) => response.write(text), sleep).then(
      () => response.end(),
      () => response.destroy(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      stop.abort()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
