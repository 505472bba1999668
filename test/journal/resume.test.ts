import { setTimeout } from 'node:timers/promises'
import { conversation, startLab } from '@holdfast/lab'
import { run, tool } from 'holdfast'
import type { Holdfast } from 'holdfast'
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { journalForEachTest } from './journal-for-each-test.ts'

const journal = journalForEachTest()
const { again } = journal

const calls = Array.from({ length: 4 }, (_, step) => [
  { name: 'add', arguments: { step, slot: 0 } },
  { name: 'add', arguments: { step, slot: 1 } },
])

function startModel() {
  return startLab({ script: conversation({ calls, answer: 'All done.' }) })
}

interface Told {
  readonly baseURL: string
  readonly stream?: boolean
  readonly system?: string
  readonly add: (place: unknown) => unknown
}

/** A plain loop round the SDK. */
async function agent({ baseURL, stream = false, system = 'Add.', add }: Told): Promise<string> {
  const client = new OpenAI({ apiKey: 'any', baseURL, maxRetries: 0 })
  const addOnce = tool({ name: 'add' }, async (place: unknown) => add(place))
  const messages: OpenAI.ChatCompletionMessageParam[] = [
    { role: 'system', content: system },
    { role: 'user', content: 'Add them all.' },
  ]
  for (;;) {
    const request = {
      model: 'gpt-lab',
      messages,
      tools: [{ type: 'function' as const, function: { name: 'add', parameters: {} } }],
    }
    const message = stream
      ? await client.chat.completions.stream(request).finalMessage()
      : (await client.chat.completions.create(request)).choices[0]?.message
    if (message === undefined) throw new Error('the model said nothing')
    messages.push(message)
    const asked = message.tool_calls ?? []
    if (asked.length === 0) return message.content ?? ''
    const results = await Promise.all(
      asked.map(async (call) => ({
        role: 'tool' as const,
        tool_call_id: call.id,
        content: String(
          await addOnce(call.type === 'function' ? JSON.parse(call.function.arguments) : {}),
        ),
      })),
    )
    messages.push(...results)
  }
}

for (const stream of [false, true]) {
  test(`a run that is done answers from the journal, ${stream ? 'streamed' : 'whole'}`, async () => {
    await using lab = await startModel()
    const done: unknown[] = []
    const told = {
      baseURL: lab.baseUrls.openai,
      stream,
      add: (place: unknown) => `sum ${done.push(place)}`,
    }
    await again()
    const first = await run({ id: 'job' }, () => agent(told))
    const { runs } = await again()

    const second = await run({ id: 'job' }, () => agent(told))

    expect(first).toBe('All done.')
    expect(second).toBe(first)
    expect(lab.requests).toHaveLength(5)
    expect(done).toHaveLength(8)
    await expect(runs?.find('job')).resolves.toMatchObject({ state: 'completed', fence: 2 })
    const kinds = ((await runs?.entries('job')) ?? []).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'llm')).toHaveLength(5)
    expect(kinds.filter((kind) => kind === 'tool-outcome')).toHaveLength(8)
    expect(journal.holdfast?.report().bugs).toEqual([])
  })

  test(`a run that was cut off goes on from where it was, ${stream ? 'streamed' : 'whole'}`, async () => {
    await using lab = await startModel()
    const done: string[] = []
    const add = (place: unknown): string => `sum ${done.push(JSON.stringify(place))}`
    const told = { baseURL: lab.baseUrls.openai, stream, add }
    await again()
    let left = 5
    const cutOff = run({ id: 'job' }, () =>
      agent({
        ...told,
        add: (place) => {
          if (--left < 0) throw new TypeError('the power is gone')
          return add(place)
        },
      }),
    )
    await expect(cutOff).rejects.toThrow('the power is gone')
    const requestsBefore = lab.requests.length

    await again()
    // A tool that failed has an outcome: the run fails again at the same place, and asks nobody.
    await expect(run({ id: 'job' }, () => agent(told))).rejects.toThrow('the power is gone')

    expect(lab.requests).toHaveLength(requestsBefore)
    expect(new Set(done).size).toBe(done.length)
  })
}

test('the request of a record is the body that went out', async () => {
  await using lab = await startModel()
  const { runs } = await again()
  const system = `Add. ${'Carefully. '.repeat(300)}`
  await run({ id: 'job' }, () => agent({ baseURL: lab.baseUrls.openai, system, add: () => 'ok' }))
  const records = ((await runs?.entries('job')) ?? []).filter(({ kind }) => kind === 'llm')
  const bodies = await Promise.all(records.map(async ({ seq }) => runs?.request('job', seq)))
  expect(bodies.map((body) => JSON.parse(body ?? '') as unknown)).toEqual(
    lab.requests.map(({ body }) => body),
  )
})

test('what a turn adds to the journal does not grow with the conversation', async () => {
  const turns = 60
  const long = Array.from({ length: turns }, (_, step) => ({
    name: 'add',
    arguments: { step, slot: 0 },
  }))
  await using lab = await startLab({ script: conversation({ calls: long, answer: 'Done.' }) })
  const { runs } = await again()
  await run({ id: 'job' }, () =>
    agent({ baseURL: lab.baseUrls.openai, add: () => 'x'.repeat(500) }),
  )
  const sizes = ((await runs?.entries('job')) ?? [])
    .filter(({ kind }) => kind === 'llm')
    .map(({ data }) => JSON.stringify(data).length)
  expect(sizes).toHaveLength(turns + 1)
  expect(Math.max(...sizes.slice(10))).toBeLessThan(sizes.slice(2, 10).reduce((a, b) => a + b) / 4)
})

test('a cassette plays back what it holds, and refuses what it does not', async () => {
  await using lab = await startModel()
  const done: unknown[] = []
  const told = { baseURL: lab.baseUrls.openai, add: (place: unknown) => done.push(place) }
  const work = (system: string) => run({ agent: 'adder' }, () => agent({ ...told, system }))
  await again({ record: 'cassette' })
  const first = await work('Add.')
  const requests = lab.requests.length

  for (let times = 0; times < 2; times++) {
    await again({ record: 'cassette' })
    await expect(work('Add.')).resolves.toBe(first)
  }

  expect(lab.requests).toHaveLength(requests)
  expect(done).toHaveLength(8)
  const { runs } = await again({ record: 'replay' })
  await expect(work('Add otherwise.')).rejects.toMatchObject({
    cause: { code: 'RUN_DIVERGED' },
  })
  await expect(runs?.list()).resolves.toHaveLength(1)
  expect(lab.requests).toHaveLength(requests)
})

test('a run of the same name inside of a run is the same', async () => {
  await using lab = await startModel()
  const told = { baseURL: lab.baseUrls.openai, add: () => 'ok' }
  const twice = () => run({ id: 'job' }, () => run({ id: 'job' }, () => agent(told)))
  await again()
  const first = await twice()
  await again()
  await expect(twice()).resolves.toBe(first)
  expect(lab.requests).toHaveLength(5)
})

test('times, ids and numbers of a run are the same again', async () => {
  const values = (on: Holdfast) =>
    on.run({ id: 'job' }, async () => [
      await on.now(),
      await on.uuid(),
      await on.random(),
      await on.random(),
    ])
  const first = await values(await again())
  const second = await values(await again())
  expect(second).toEqual(first)
  expect(new Set(first).size).toBe(4)
  const outside = await again()
  expect(await outside.uuid()).not.toBe(await outside.uuid())
})

test('a finished run is forgotten in time', async () => {
  await using lab = await startModel()
  const told = { baseURL: lab.baseUrls.openai, add: () => 'ok' }
  await again({ keepMs: Infinity })
  await run({ id: 'old' }, () => agent(told))
  await setTimeout(200)
  const { runs } = await again({ keepMs: 150 })
  await run({ id: 'new' }, () => agent(told))
  await expect.poll(async () => (await runs?.list())?.map(({ id }) => id)).not.toContain('old')
})
