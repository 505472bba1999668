import { once } from 'node:events'
import { connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'

import { afterEach, describe, expect, test } from 'vitest'

import type { Lab, LabOptions, LabRequest } from './index.ts'
import { deadPort, startLab } from './index.ts'

const labs: Lab[] = []
const start = async (options?: LabOptions): Promise<Lab> => {
  const lab = await startLab(options)
  labs.push(lab)
  return lab
}
afterEach(async () => {
  await Promise.all(labs.splice(0).map((lab) => lab.close()))
})

const ask = (lab: Lab, more: object = {}, init: RequestInit = {}): Promise<Response> =>
  fetch(`${lab.baseUrls.openai}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({
      model: 'gpt-lab',
      messages: [{ role: 'user', content: 'Hi' }],
      ...more,
    }),
    ...init,
  })
// fetch gives a connection back a moment after the body has been read.
const askAndRest = async (lab: Lab): Promise<void> => {
  await (await ask(lab)).text()
  await setTimeout(10)
}
const textOf = async (response: Response): Promise<string> => {
  const { choices } = JSON.parse(await response.text())
  return choices[0].message.content
}

describe('scripts', () => {
  test('a list is one step per model call, and plain good answers after its end', async () => {
    const lab = await start({ script: [{ text: 'one' }, { text: 'two' }] })
    const said = [await ask(lab), await ask(lab), await ask(lab)].map(textOf)
    expect(await Promise.all(said)).toEqual(['one', 'two', 'The lab is up and answers as asked.'])
  })

  test('a function decides by the request', async () => {
    const lab = await start({
      script: async (request) => ({
        text: `${request.callIndex} ${request.model} ${request.wire}`,
      }),
    })
    expect(await textOf(await ask(lab))).toBe('0 gpt-lab openai-chat')
  })

  test('other endpoints use up no step', async () => {
    const lab = await start({ script: [{ text: 'one' }] })
    await fetch(`${lab.baseUrls.openai}/models`)
    expect(await textOf(await ask(lab))).toBe('one')
    expect(lab.requests.map(({ wire, callIndex }) => [wire, callIndex])).toEqual([
      ['other', -1],
      ['openai-chat', 0],
    ])
  })

  test('reset forgets the requests and starts the script again', async () => {
    const lab = await start({ script: [{ text: 'one' }, { text: 'two' }] })
    await ask(lab)
    lab.reset()
    expect(lab.requests).toEqual([])
    expect(await textOf(await ask(lab))).toBe('one')
    lab.reset({ text: 'new' })
    expect(await textOf(await ask(lab))).toBe('new')
  })

  test('a script that throws answers 500, says why and is not tried again', async () => {
    const lab = await start({
      script: () => {
        throw new Error('no such scene')
      },
    })
    const response = await ask(lab)
    expect(response.status).toBe(500)
    expect(response.headers.get('x-should-retry')).toBe('false')
    expect(await response.text()).toContain('The lab could not answer: no such scene')
    await expect.poll(() => lab.requests[0]?.outcome).toBe('answered')
  })

  test('a fault that does not exist is refused at the start, with the names near it', async () => {
    const script = [{}, { fault: 'rate-limit' as 'rate-limited' }]
    await expect(startLab({ script })).rejects.toThrow(
      /script\[1\]: there is no fault "rate-limit"; near it: rate-limited, /,
    )
  })

  test('delays come before the headers and between the pieces', async () => {
    const lab = await start({ script: { text: 'a b c', delayMs: 60, chunkDelayMs: 20 } })
    const before = performance.now()
    const response = await ask(lab, { stream: true })
    const headersMs = performance.now() - before
    await response.text()
    // Six pieces: role, three words, finish, [DONE].
    expect(headersMs).toBeGreaterThan(55)
    expect(performance.now() - before - headersMs).toBeGreaterThan(90)
  })
})

test('the same seed gives the same bytes, another seed others', async () => {
  const bytes = async (seed: number): Promise<string[]> => {
    const lab = await start({
      seed,
      script: { text: 'a b c', toolCalls: [{ name: 't', arguments: {} }] },
    })
    const all: string[] = []
    for (const body of [{}, { stream: true }]) all.push(await (await ask(lab, body)).text())
    const url = `${lab.url}/v1/messages`
    const init = { method: 'POST', body: '{"model":"c","stream":true}' }
    all.push(await (await fetch(url, init)).text())
    return all
  }
  const [one, again, other] = [await bytes(7), await bytes(7), await bytes(8)]
  expect(again).toEqual(one)
  expect(other).not.toEqual(one)
})

describe('what is recorded', () => {
  test('everything of a request but its secrets', async () => {
    const lab = await start()
    await ask(lab, {}, { headers: { authorization: 'Bearer sk-secret', cookie: 'a=b' } })
    const google = `${lab.url}/v1beta/models/g:generateContent?key=AIza-secret&x=1`
    await fetch(google, { method: 'POST', body: '{}', headers: { 'x-goog-api-key': 'secret' } })
    expect(JSON.stringify(lab.requests)).not.toContain('secret')
    const [first, second] = lab.requests
    expect(first).toMatchObject({
      index: 0,
      wire: 'openai-chat',
      method: 'POST',
      path: '/v1/chat/completions',
      model: 'gpt-lab',
      body: { model: 'gpt-lab' },
      streaming: false,
      outcome: 'answered',
      status: 200,
    })
    expect(first?.headers['authorization']).toMatch(/^Bearer \*\*\*[0-9a-f]{6}$/)
    expect(first?.endedAtMs).toBeGreaterThanOrEqual(first?.atMs ?? Infinity)
    expect(second).toMatchObject({ wire: 'gemini', model: 'g' })
    expect(second?.path).toMatch(/\?key=\*\*\*[0-9a-f]{6}&x=1$/)
  })

  test('a client that goes away in the middle', async () => {
    const lab = await start({ script: { text: 'a b c d', fault: 'stall-mid-stream' } })
    const controller = new AbortController()
    const response = await ask(lab, { stream: true }, { signal: controller.signal })
    await response.body?.getReader().read()
    expect(lab.requests[0]?.outcome).toBe('pending')
    controller.abort()
    await expect.poll(() => lab.requests[0]?.outcome).toBe('aborted-by-client')
  })

  test('a client that goes away before the headers', async () => {
    const lab = await start({ script: { fault: 'header-stall' } })
    await expect(ask(lab, {}, { signal: AbortSignal.timeout(50) })).rejects.toThrow('timeout')
    await expect.poll(() => lab.requests[0]?.outcome).toBe('aborted-by-client')
    expect(lab.requests[0]?.status).toBeUndefined()
  })

  test('a connection that the lab cut', async () => {
    const lab = await start({ script: { fault: 'reset-mid-stream' } })
    const response = await ask(lab, { stream: true })
    await expect(response.text()).rejects.toThrow('terminated')
    expect(lab.requests[0]).toMatchObject({ outcome: 'cut-by-lab', fault: 'reset-mid-stream' })
  })

  test('only as many as wanted, with their places kept', async () => {
    const lab = await start({
      keepRequests: 2,
      script: [{ text: '1' }, { text: '2' }, { text: '3' }],
    })
    for (let n = 0; n < 3; n++) await (await ask(lab)).text()
    expect(lab.requests.map(({ index, callIndex }) => [index, callIndex])).toEqual([
      [1, 1],
      [2, 2],
    ])
  })

  test('the arrival and the end are told as they happen', async () => {
    const told: string[] = []
    const onRequest = (request: LabRequest, phase: string): void => {
      told.push(`${phase} ${request.outcome}`)
    }
    const lab = await start({ onRequest })
    await (await ask(lab)).text()
    expect(told).toEqual(['arrived pending', 'ended answered'])
  })
})

describe('connections', () => {
  test('are kept alive and numbered', async () => {
    const lab = await start()
    for (let n = 0; n < 3; n++) await askAndRest(lab)
    expect(
      lab.requests.map(({ connection, reusedConnection }) => [connection, reusedConnection]),
    ).toEqual([
      [0, false],
      [0, true],
      [0, true],
    ])
  })

  test.each(['reused-socket-reset', 'reused-socket-closed'] as const)(
    '%s kills a kept-alive connection and spares a fresh one',
    async (fault) => {
      const lab = await start({ script: [{}, { fault }, { fault }] })
      await askAndRest(lab)
      await expect(ask(lab)).rejects.toThrow('fetch failed')
      expect((await ask(lab)).status).toBe(200)
      expect(lab.requests.map(({ fault }) => fault)).toEqual([undefined, fault, undefined])
    },
  )

  test('provider-down refuses connections for a while and comes back on the same port', async () => {
    const lab = await start({ script: [{ fault: { name: 'provider-down', downMs: 150 } }] })
    await expect(ask(lab)).rejects.toThrow('fetch failed')
    const refused = await ask(lab).catch((error: unknown) => error)
    expect(refused).toHaveProperty('cause.code', 'ECONNREFUSED')
    await expect.poll(async () => (await ask(lab)).status).toBe(200)
  })

  test('one-byte-chunks really are: only the bytes of the transfer tell, as clients join what comes together', async () => {
    const lab = await start({ script: { text: 'Ünïcode 👋', fault: 'one-byte-chunks' } })
    const { hostname, port } = new URL(lab.url)
    const asked = JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }], stream: true })
    const socket = connect(Number(port), hostname)
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: lab\r\nconnection: close\r\ncontent-length: ${asked.length}\r\n\r\n${asked}`,
    )

    const transfer = (await buffer(socket)).toString('latin1')

    const chunks = transfer.slice(transfer.indexOf('\r\n\r\n') + 4)
    expect(chunks).toMatch(/^(?:1\r\n[^]\r\n){100,}0\r\n\r\n$/)
  })

  test('a whole body of one-byte-chunks comes in many small pieces', async () => {
    const lab = await start({ script: { text: 'Ünïcode 👋', fault: 'one-byte-chunks' } })
    const sizes: number[] = []
    for await (const chunk of (await ask(lab)).body ?? []) sizes.push(chunk.length)
    expect(sizes.length).toBeGreaterThan(20)
  })

  test('a dead port refuses connections', async () => {
    const refused = await fetch(await deadPort()).catch((error: unknown) => error)
    expect(refused).toHaveProperty('cause.code', 'ECONNREFUSED')
  })

  test('https to the lab is a TLS error', async () => {
    const lab = await start()
    const url = lab.url.replace('http:', 'https:')
    const failed = await fetch(url).catch((error: unknown) => error)
    expect(String((failed as Error).cause)).toMatch(/SSL|TLS|wrong version/i)
  })

  test('rubbish and half a request do no harm', async () => {
    const lab = await start()
    const port = Number(new URL(lab.url).port)
    const rubbish = connect(port, '127.0.0.1')
    rubbish.write('this is not http\r\n\r\n')
    rubbish.resume()
    await once(rubbish, 'close')
    const half = connect(port, '127.0.0.1')
    half.write('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"mod')
    await setTimeout(20)
    half.resetAndDestroy()
    expect((await ask(lab)).status).toBe(200)
    expect(lab.requests).toHaveLength(1)
  })
})

describe('close', () => {
  test('ends at once although requests hang in every way', async () => {
    const hanging = [
      'header-stall',
      'slow-loris-headers',
      'stall-after-headers',
      'stall-with-pings',
      'linger-after-terminal',
    ] as const
    const lab = await start({ script: hanging.map((fault) => ({ fault })) })
    const clients = hanging.map(async () => await (await ask(lab, { stream: true })).text())
    const settled = Promise.allSettled(clients)
    await expect.poll(() => lab.requests.length).toBe(hanging.length)
    const before = performance.now()
    await lab.close()
    expect(performance.now() - before).toBeLessThan(2_000)
    expect((await settled).every(({ status }) => status === 'rejected')).toBe(true)
    await expect
      .poll(() => lab.requests.map(({ outcome }) => outcome))
      .toEqual(hanging.map(() => 'cut-by-lab'))
    await expect(ask(lab)).rejects.toThrow('fetch failed')
  })

  test('comes with the block of await using, and may be called twice', async () => {
    let url = ''
    {
      await using lab = await startLab()
      url = lab.url
      await lab.close()
    }
    await expect(fetch(url)).rejects.toThrow('fetch failed')
  })
})

test('an address that other machines reach must be asked for', async () => {
  await expect(startLab({ host: '0.0.0.0' })).rejects.toThrow(/no loopback address.*allowRemote/)
})

test('a port that is taken is an error, not a crash', async () => {
  const lab = await start()
  const port = Number(new URL(lab.url).port)
  await expect(startLab({ port })).rejects.toThrow('EADDRINUSE')
})

test('arguments go out as the model writes them, in the wanted number of deltas', async () => {
  const argumentsText = '{"city":"Oslo","city":"Bergen"}'
  const script = {
    toolCalls: [{ name: 'weather', arguments: {}, argumentsText }],
    argumentChunks: 5,
  }
  await using lab = await startLab({ script })
  const ask = (path: string, body: object) =>
    fetch(`${lab.url}${path}`, { method: 'POST', body: JSON.stringify(body) })
  const response = await ask('/v1/chat/completions', { model: 'm', stream: true })
  const deltas = [...(await response.text()).matchAll(/"arguments":("(?:[^"\\]|\\.)+")/g)]
  expect(deltas).toHaveLength(5)
  expect(deltas.map(([, text]) => JSON.parse(text ?? '')).join('')).toBe(argumentsText)
  const message = await (await ask('/v1/messages', { model: 'm' })).json()
  expect(message).toMatchObject({ content: [{ name: 'weather', input: { city: 'Bergen' } }] })
})

test('a stream waits for its reader where it is told to', async () => {
  const read: string[] = []
  const readBefore: number[] = []
  await using lab = await startLab({
    script: { text: 'one two' },
    async beforePiece({ index }) {
      for (let tries = 0; read.length < index && tries < 200; tries++) await setTimeout(5)
      readBefore.push(read.length)
    },
  })
  const body = JSON.stringify({ model: 'm', stream: true })
  const response = await fetch(`${lab.url}/v1/chat/completions`, { method: 'POST', body })
  for await (const bytes of response.body ?? []) read.push(Buffer.from(bytes).toString())
  expect(read).toHaveLength(5)
  expect(readBefore).toEqual([0, 1, 2, 3, 4])
})

test('calls of old and calls of a hosted shell are written as their providers do', async () => {
  const command = { commands: ['ls'] }
  await using lab = await startLab({
    script: ({ wire }) => ({
      toolCalls: [
        wire === 'openai-chat'
          ? { name: 'weather', arguments: { city: 'Oslo' }, kind: 'function-call' }
          : { name: 'shell', arguments: command, kind: 'shell' },
      ],
    }),
  })
  const answer = async (path: string, stream: boolean): Promise<string> => {
    const body = JSON.stringify({ model: 'm', stream })
    return await (await fetch(`${lab.url}${path}`, { method: 'POST', body })).text()
  }
  const function_call = { name: 'weather', arguments: '{"city":"Oslo"}' }
  expect(JSON.parse(await answer('/v1/chat/completions', false))).toMatchObject({
    choices: [{ message: { function_call }, finish_reason: 'function_call' }],
  })
  const streamed = await answer('/v1/chat/completions', true)
  expect(streamed).toContain('"function_call":{"name":"weather","arguments":""}')
  expect(streamed).toContain('"finish_reason":"function_call"')
  expect(JSON.parse(await answer('/v1/responses', false))).toMatchObject({
    output: [{ type: 'shell_call', action: command }],
  })
  expect(await answer('/v1/responses', true)).toMatch(/output_item\.done.*"type":"shell_call"/)
})
