import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { capture, type Capture } from '../index.ts'
import { startRawServer, type RawServer } from '../testing/raw-server.ts'
import { DirectResponse } from './direct-response.ts'

const head = 'HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n'
let server: RawServer
let held: Capture
let direct = 0
beforeAll(async () => {
  server = await startRawServer({
    begun: (socket) => void socket.write(`${head}${'a'.repeat(500_000)}`),
    quiet: (socket) => void socket.write(head),
  })
  held = capture({
    claims: (_, url) => url.startsWith(server.url),
    async handle(request, transport) {
      const response = await transport(request)
      if (response instanceof DirectResponse) direct++
      return response
    },
  })
})
afterAll(async () => {
  held.release()
  await server[Symbol.asyncDispose]()
})

async function collect(): Promise<void> {
  for (let round = 0; round < 4; round++) {
    // oxlint-disable-next-line no-await-in-loop -- finalizers run between turns
    await sleep(10)
    globalThis.gc?.()
  }
}

const calls = 40

// A function of its own, so that nothing of it stays on a stack.
async function callAll(script: string, signal: AbortSignal): Promise<WeakRef<Response>[]> {
  const made = Array.from({ length: calls }, () => fetch(`${server.url}/${script}`, { signal }))
  return (await Promise.all(made)).map((response) => new WeakRef(response))
}

test.each([
  ['nobody reads', 'begun'],
  ['have a head and nothing else', 'quiet'],
])('calls whose answers %s are collected, and their connections are closed', async (_, script) => {
  const before = direct
  const { signal } = new AbortController()
  const responses = await callAll(script, signal)
  expect([direct - before, server.connections.size]).toEqual([calls, calls])
  const left = async (): Promise<number[]> => {
    await collect()
    const alive = responses.filter((response) => response.deref() !== undefined)
    return [alive.length, server.connections.size]
  }
  await expect.poll(left, { timeout: 10_000 }).toEqual([0, 0])
})
