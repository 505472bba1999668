import { AsyncLocalStorage } from 'node:async_hooks'
import { currentRun } from '@holdfast/core'
import { expect, test } from 'vitest'
import { Runs } from '../runs.ts'
import type { RunHint } from './adapter.ts'
import { longRuns } from './long-runs.ts'

/** Real runs, and how each of them ended. */
function watchedRuns() {
  const ended: unknown[] = []
  const runs = new Runs({
    identify: () => undefined,
    around(run, _named, work) {
      const result = work()
      const note = (how: unknown) => void ended.push([run.agent, how])
      if (result instanceof Promise) result.then(note, note)
      return result
    },
  })
  return { ...longRuns((hint, work) => runs.runHinted(hint, work)), ended }
}

const agent = () => currentRun()?.agent

async function* threeSteps() {
  yield agent()
  yield agent()
  return agent()
}

test('what work returns is there at once, and its run is over when it says so', async () => {
  const { runUntil, ended } = watchedRuns()
  const over = Promise.withResolvers<string>()

  expect(runUntil({ agent: 'ada' }, agent, () => over.promise)).toBe('ada')

  expect([agent(), ended]).toEqual([undefined, []])
  over.resolve('done')
  await expect.poll(() => ended).toEqual([['ada', 'done']])
})

test('a run that fails afterwards is no unhandled rejection', async () => {
  const { runUntil, ended } = watchedRuns()
  const failure = new Error('broken')

  runUntil({ agent: 'ada' }, agent, () => Promise.reject(failure))

  await expect.poll(() => ended).toEqual([['ada', failure]])
})

test('steps are taken in one run, over with the last, whoever asks for them', async () => {
  const { runSteps, runUntil, ended } = watchedRuns()
  const steps = runSteps({ agent: 'ada' }, threeSteps())

  const elsewhere = runUntil(
    { agent: 'bob' },
    () => steps.next(),
    (first) => first,
  )
  const taken = [await elsewhere, await steps.next()]
  expect(ended).toHaveLength(1)
  taken.push(await steps.next())

  expect(taken.map(({ value }) => value)).toEqual(['ada', 'ada', 'ada'])
  await expect.poll(() => ended.at(-1)).toEqual(['ada', 'ada'])
})

test('steps belong where they were handed over: a run of theirs is inside of the one there', async () => {
  const { runSteps, runUntil } = watchedRuns()
  const never = new Promise(() => {})
  const parent = async function* () {
    yield currentRun()?.parent?.agent
  }
  const steps = runUntil(
    { agent: 'bob' },
    () => runSteps({ agent: 'ada' }, parent()),
    () => never,
  )

  await expect(steps.next()).resolves.toEqual({ value: 'bob', done: false })
})

test('without a hint they stay in the context that they were handed over in', async () => {
  const { runSteps, ended } = watchedRuns()
  const place = new AsyncLocalStorage<string>()
  const where = async function* () {
    yield place.getStore()
  }
  const steps = place.run('inside', () => runSteps(undefined, where()))

  const taken = await place.run('outside', () => steps.next())

  expect([taken.value, ended]).toEqual(['inside', []])
})

test('steps that fail fail their run, and those that are left end it', async () => {
  const { runSteps, ended } = watchedRuns()
  const failure = new Error('broken')
  const broken = async function* () {
    yield 1
    throw failure
  }
  const failing = runSteps({ agent: 'ada' }, broken())
  await failing.next()
  await expect(failing.next()).rejects.toBe(failure)
  for await (const _ of runSteps({ agent: 'bob' }, threeSteps())) break

  await expect
    .poll(() => ended)
    .toEqual([
      ['ada', failure],
      ['bob', undefined],
    ])
})

test('steps that nobody asked for are no run', async () => {
  const { runSteps, ended } = watchedRuns()
  {
    await using left = runSteps({ agent: 'ada' }, threeSteps())
    expect(typeof left.next).toBe('function')
  }

  expect(ended).toEqual([])
})

test('a hint is as the framework has it: what says nothing leaves what is known of the run around it', () => {
  const { runUntil } = watchedRuns()
  const never = () => new Promise(() => {})
  const told = (hint: RunHint) =>
    runUntil(
      { session: 'thread', user: 'u1' },
      () => runUntil(hint, () => currentRun(), never),
      never,
    )

  const nothing = { session: undefined, user: '', agent: 7 }
  expect(told(nothing)).toMatchObject({ session: 'thread', user: 'u1' })
  expect(told(nothing)).not.toHaveProperty('agent')
  expect(told({ session: 'other' })).toMatchObject({ session: 'other', user: 'u1' })
})
