import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import {
  InMemoryTaskMessageQueue,
  InMemoryTaskStore,
} from '@modelcontextprotocol/sdk/experimental/tasks/stores/in-memory.js'
import type {
  CreateTaskRequestHandlerExtra,
  TaskRequestHandlerExtra,
} from '@modelcontextprotocol/sdk/experimental/tasks/interfaces.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { instrument } from 'holdfast'
import type { HoldfastOptions } from 'holdfast'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'

const ran: string[] = []
const stores: InMemoryTaskStore[] = []
/** Tasks go on when nobody waits for them any more. */
const atWork: Promise<unknown>[] = []
afterEach(async () => {
  await Promise.all(atWork.splice(0))
  ran.length = 0
  for (const store of stores.splice(0)) store.cleanup()
})

/** A client of a server with a tool that is a task, and one that is none. */
async function connected(): Promise<Client> {
  const taskStore = new InMemoryTaskStore()
  stores.push(taskStore)
  const server = new McpServer(
    { name: 'stations', version: '1.0.0' },
    {
      capabilities: { tasks: { requests: { tools: { call: {} } } } },
      taskStore,
      taskMessageQueue: new InMemoryTaskMessageQueue(),
    },
  )
  const words = { description: 'Looks the weather up', inputSchema: { city: z.string() } }
  const sunny = (city: string) => {
    ran.push(city)
    if (city === 'Atlantis') throw new RangeError('no such city')
    return { content: [{ type: 'text' as const, text: `Sunny in ${city}` }] }
  }
  server.registerTool('weather', words, ({ city }) => sunny(city))
  server.experimental.tasks.registerToolTask('forecast', words, {
    async createTask(
      { city }: { readonly city: string },
      { taskStore: tasks }: CreateTaskRequestHandlerExtra,
    ) {
      const task = await tasks.createTask({ ttl: 60_000, pollInterval: 5 })
      const work = async () => {
        await setTimeout(20)
        await tasks.storeTaskResult(task.taskId, 'completed', sunny(city))
      }
      atWork.push(work())
      return { task }
    },
    getTask: async (_given: unknown, { taskId, taskStore: tasks }: TaskRequestHandlerExtra) =>
      tasks.getTask(taskId),
    getTaskResult: async (_given: unknown, { taskId, taskStore: tasks }: TaskRequestHandlerExtra) =>
      (await tasks.getTaskResult(taskId)) as { content: [] },
  })
  const client = new Client({ name: 'forecaster', version: '1.0.0' })
  const [near, far] = InMemoryTransport.createLinkedPair()
  await server.connect(far)
  await client.connect(near)
  await client.listTools()
  return client
}

/** The kinds of messages of a call, and the text of its result. */
async function call(client: Client, name: string, city: string): Promise<readonly unknown[]> {
  const told = new Set<unknown>()
  for await (const message of client.experimental.tasks.callToolStream({
    name,
    arguments: { city },
  })) {
    told.add(message.type)
    if (message.type === 'result') {
      const [first] = message.result.content as readonly { readonly text?: string }[]
      told.add(first?.text)
    }
    if (message.type === 'error') told.add((message.error as { code?: unknown }).code)
  }
  return [...told]
}

async function held<T>(options: HoldfastOptions, work: () => Promise<T>): Promise<T> {
  const holdfast = instrument({ telemetry: false, ...options })
  try {
    return await work()
  } finally {
    await holdfast.uninstrument()
  }
}

test('a tool that is called as a task is one tool call, and its messages are the same', async () => {
  const client = await connected()
  const bare = await call(client, 'forecast', 'Rome')
  expect(bare).toEqual(['taskCreated', 'taskStatus', 'result', 'Sunny in Rome'])
  const seen: unknown[] = []
  const watchTool = async (given: { name: string; arguments: unknown }, next: unknown) => {
    seen.push([given.name, given.arguments])
    return (next as (call: unknown) => Promise<{ value: unknown }>)(given)
  }
  await held({ interceptors: { tool: [watchTool] } }, async () => {
    expect(await call(client, 'forecast', 'Rome')).toEqual(bare)
    expect(await call(client, 'weather', 'Oslo')).toEqual(['result', 'Sunny in Oslo'])
  })
  expect(seen).toEqual([
    ['forecast', { city: 'Rome' }],
    ['weather', { city: 'Oslo' }],
  ])
  expect(await call(client, 'forecast', 'Rome')).toEqual(bare)
  expect(seen).toHaveLength(2)
})

test('one that is refused does not run, and its result says so', async () => {
  const client = await connected()
  const rules = [{ name: 'no-forecasts', tool: 'forecast', verdict: 'deny' }] as const
  const told = await held({ tools: { preset: 'guarded', rules } }, () =>
    call(client, 'forecast', 'Rome'),
  )
  expect(told).toEqual(['result', expect.stringMatching(/^Tool call refused: forecast/)])
  expect(ran).toEqual([])
})

test('one that is on record is not run again, and one whose reader has left ends', async () => {
  const client = await connected()
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-mcp-tasks-'))
  const journal = { store: join(folder, 'journal.db') }
  const run = (work: () => Promise<unknown>) =>
    held({ journal }, () => instrument().run({ id: 'one' }, work))
  await expect(
    run(async () => {
      await call(client, 'forecast', 'Rome')
      throw new Error('cut off')
    }),
  ).rejects.toThrow('cut off')
  await run(async () => {
    expect(await call(client, 'forecast', 'Rome')).toEqual(['result', 'Sunny in Rome'])
    const stream = client.experimental.tasks.callToolStream({
      name: 'forecast',
      arguments: { city: 'Bern' },
    })
    for await (const { type } of stream) {
      expect(type).toBe('taskCreated')
      break
    }
  })
  expect(ran.filter((city) => city === 'Rome')).toHaveLength(1)
  await rm(folder, { recursive: true })
})
