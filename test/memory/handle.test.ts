import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import { instrument } from 'holdfast'
import type { HoldfastOptions } from 'holdfast'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder: string
let lab: Lab
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-memory-'))
})
afterEach(async () => {
  await lab?.close()
  rmSync(folder, { recursive: true, force: true })
})

const start = (more: HoldfastOptions['memory'] = {}, others: HoldfastOptions = {}) =>
  instrument({
    telemetry: false,
    adapters: false,
    ...others,
    memory: { store: join(folder, 'memory.db'), ...(typeof more === 'object' ? more : {}) },
  })

test('whose memory it is, is whose run it is', async () => {
  const holdfast = start()
  const { memory } = holdfast
  await holdfast.run({ id: 'r1', user: 'ada', tenant: 't', agent: 'helper', session: 's' }, () =>
    memory.remember({ text: 'I prefer tea', by: 'user' }),
  )
  const recall = () => memory.recall({ query: 'tea' })
  const [hit] = await holdfast.run({ user: 'ada', tenant: 't' }, recall)
  expect(hit?.memory.source).toEqual({
    by: 'user',
    agent: 'helper',
    user: 'ada',
    runId: 'r1',
    session: 's',
  })
  expect(await holdfast.run({ user: 'ada' }, recall)).toEqual([])
  expect(await holdfast.run({ user: 'bob', tenant: 't' }, recall)).toEqual([])
  await expect(recall()).rejects.toMatchObject({ code: 'IDENTITY_MISSING' })
  expect(await memory.erase({ user: 'ada' })).toBe(0)
  expect(await memory.erase({ user: 'ada', tenant: 't' })).toBe(1)
  await holdfast.uninstrument()
})

test('a model that looks for memories, and an embedder, are asked through Holdfast and in no run of the agent', async () => {
  const found = { memories: [{ text: 'The user keeps bees', kind: 'fact', topic: 'bees' }] }
  lab = await startLab({ script: { text: JSON.stringify(found) } })
  const endpoint = { baseUrl: lab.baseUrls.openai, apiKey: 'test-key' }
  const askers: (string | undefined)[] = []
  const holdfast = start(
    {
      extract: { model: 'gpt-4o-mini', ...endpoint },
      embedder: { model: 'text-embedding-3-small', dimensions: 64, ...endpoint },
    },
    {
      interceptors: {
        llm: [
          (call, next) => {
            askers.push(`${call.run?.agent} of ${call.run?.user}`)
            return next(call)
          },
        ],
      },
    },
  )
  await holdfast.run({ user: 'ada', session: 's' }, async () => {
    const outcomes = await holdfast.memory.learn({
      messages: [
        { role: 'user', text: 'My name is Ada. My bees swarmed today.' },
        { role: 'assistant', text: 'Oh no.' },
      ],
    })
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['stored', 'stored'])
    const [hit] = await holdfast.memory.recall({ query: 'does she have bees?' })
    expect(hit?.memory).toMatchObject({ text: 'The user keeps bees', source: { by: 'model' } })
    expect(hit?.scores.vector).toBeTypeOf('number')
    expect(hit?.memory.embedding?.model).toBe('text-embedding-3-small/64')
  })
  const paths = lab.requests.map(({ path }) => path)
  expect(paths.filter((path) => path.includes('chat/completions'))).toHaveLength(1)
  expect(paths.filter((path) => path.includes('embeddings'))).toHaveLength(3)
  expect(new Set(askers)).toEqual(new Set(['holdfast-memory of undefined']))
  await holdfast.uninstrument()
})

test('wrong options are told, with what is allowed', () => {
  expect(() => start({ recall: { maxItems: 0 } })).toThrow(/memory/)
  expect(() => start({ namespaces: { team: { write: 'all' } } } as never)).toThrow(
    /OPTIONS_INVALID.*memory/s,
  )
})
