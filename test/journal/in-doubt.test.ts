import { request as httpRequest } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { text } from 'node:stream/consumers'
import type { JournalEntry, JournalStore } from '@holdfast/core'
import { startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import { sqliteJournal } from '@holdfast/store-sqlite'
import { currentEffect, run, tool } from 'holdfast'
import type { Effect, InDoubtPolicy } from 'holdfast'
import { expect, test } from 'vitest'
import { journalForEachTest } from './journal-for-each-test.ts'

const journal = journalForEachTest()
const { again } = journal

/** A store in which the write of an entry fails, as it would on a full disk or a server that went away. */
function failing(when: (entry: JournalEntry) => boolean): JournalStore {
  const store = sqliteJournal({ path: journal.path })
  return {
    acquire: (request) => store.acquire(request),
    renew: (leases, ttlMs) => store.renew(leases, ttlMs),
    update: (lease, change) => store.update(lease, change),
    async append(lease, entries, blobs) {
      if (entries.some(when)) throw new Error('no space left on device')
      return store.append(lease, entries, blobs)
    },
    find: (id) => store.find(id),
    list: (query) => store.list(query),
    read: (id) => store.read(id),
    blob: (id, hash) => store.blob(id, hash),
    remove: (ids) => store.remove(ids),
    close: () => store.close(),
  }
}

const request = (stream: boolean) =>
  JSON.stringify({ model: 'm', stream, messages: [{ role: 'user', content: 'Hi' }] })

async function ask({ url }: Lab, stream = false): Promise<string> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: request(stream),
  })
  return response.text()
}

function askByHttp({ url }: Lab, stream = false): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const outgoing = httpRequest(`${url}/v1/chat/completions`, { method: 'POST', headers })
    outgoing.on('response', (incoming) => text(incoming).then(resolve, reject))
    outgoing.on('error', reject)
    outgoing.end(request(stream))
  })
}

const noOutcome = (entry: JournalEntry): boolean => entry.kind === 'tool-outcome'

interface Payment {
  readonly effect: Effect | undefined
}

/** A run that pays once; `paid` is the bank. */
function payOnce(paid: Payment[], inDoubt?: InDoubtPolicy): Promise<unknown> {
  const pay = tool(
    { name: 'pay', ...(inDoubt === undefined ? {} : { inDoubt }) },
    async (_given: object) => {
      paid.push({ effect: currentEffect() })
      return `receipt ${paid.length}`
    },
  )
  return run({ id: 'job' }, () => pay({ amount: 10 }))
}

/** Leaves the payment made, and its outcome unknown. */
async function cutOff(): Promise<Payment[]> {
  const paid: Payment[] = []
  await again({ store: failing(noOutcome) })
  await expect(payOnce(paid)).rejects.toMatchObject({
    code: 'JOURNAL_UNUSABLE',
    message: expect.stringContaining('has run') as string,
  })
  expect(paid).toHaveLength(1)
  return paid
}

test('an effect in doubt stops the run until somebody says what became of it', async () => {
  const paid = await cutOff()
  const { runs } = await again()

  const doubt = {
    code: 'EFFECT_IN_DOUBT',
    message: expect.stringContaining('tool pay was cut off') as string,
  }
  await expect(payOnce(paid)).rejects.toMatchObject(doubt)
  await expect(payOnce(paid)).rejects.toMatchObject(doubt)
  await expect(runs.find('job')).resolves.toMatchObject({ state: 'waiting' })
  const [effect, ...others] = await runs.inDoubt()
  expect(others).toEqual([])
  expect(effect).toMatchObject({
    runId: 'job',
    name: 'pay',
    arguments: { amount: 10 },
    idempotencyKey: paid[0]?.effect?.idempotencyKey,
  })

  await runs.resolve(effect?.id ?? '', { as: 'done', value: 'receipt 17' })
  await expect(payOnce(paid)).resolves.toBe('receipt 17')

  expect(paid).toHaveLength(1)
  await expect(runs.inDoubt()).resolves.toEqual([])
  await expect(runs.find('job')).resolves.toMatchObject({ state: 'completed' })
  await again()
  await expect(payOnce(paid)).resolves.toBe('receipt 17')
})

test('what did not happen is done when somebody says so, with the same key', async () => {
  const paid = await cutOff()
  const { runs } = await again()
  const [effect] = await runs.inDoubt('job')
  await runs.resolve(effect?.id ?? '', { as: 'again' })

  await expect(payOnce(paid)).resolves.toBe('receipt 2')

  expect(paid.map(({ effect: given }) => given?.again)).toEqual([false, true])
  expect(paid[1]?.effect?.idempotencyKey).toBe(paid[0]?.effect?.idempotencyKey)
  await expect(runs.inDoubt('job')).resolves.toEqual([])
})

test('what was begun again and cut off again is in doubt again', async () => {
  const paid = await cutOff()
  const store = failing(noOutcome)
  const { runs } = await again({ store })
  const [effect] = await runs.inDoubt('job')
  await runs.resolve(effect?.id ?? '', { as: 'again' })
  await expect(payOnce(paid)).rejects.toMatchObject({ code: 'JOURNAL_UNUSABLE' })
  const { runs: later } = await again()

  await expect(payOnce(paid)).rejects.toMatchObject({ code: 'EFFECT_IN_DOUBT' })

  expect(paid).toHaveLength(2)
  await expect(later.inDoubt('job')).resolves.toHaveLength(1)
})

test.for<[string, InDoubtPolicy, unknown, number]>([
  ['retry runs it again', 'retry', 'receipt 2', 2],
  ['skip leaves it be and says so', 'skip', expect.stringContaining('not known'), 1],
  [
    'reconcile finds that it happened',
    { reconcile: ({ idempotencyKey }) => ({ as: 'done', value: idempotencyKey.length }) },
    32,
    1,
  ],
  ['reconcile finds that it did not', { reconcile: async () => ({ as: 'again' }) }, 'receipt 2', 2],
])('%s', async ([, policy, answer, payments]) => {
  const paid = await cutOff()
  const { runs } = await again()

  await expect(payOnce(paid, policy)).resolves.toEqual(answer)

  expect(paid).toHaveLength(payments)
  await expect(runs.inDoubt()).resolves.toEqual([])
  await again()
  await expect(payOnce(paid)).resolves.toEqual(answer)
  expect(paid).toHaveLength(payments)
})

test('a policy by the name of the tool counts more than its own', async () => {
  const paid = await cutOff()
  await again({ tools: { pay: 'skip' } })
  await expect(payOnce(paid, 'retry')).resolves.toContain('not known')
})

test('a run that waits lets nothing new happen, whatever the agent makes of the refusal', async () => {
  await cutOff()
  await again()
  const done: string[] = []
  const pay = tool({ name: 'pay' }, async (_given: object) => done.push('pay'))
  const mail = tool({ name: 'mail' }, async (_given: object) => done.push('mail'))

  const stubborn = run({ id: 'job' }, async () => {
    const refusals = await Promise.allSettled([pay({ amount: 10 })])
    await mail({ text: 'all is well' }).catch(() => {})
    await pay({ amount: 10 }).catch(() => {})
    return refusals.length
  })

  await expect(stubborn).rejects.toMatchObject({ code: 'EFFECT_IN_DOUBT' })
  expect(done).toEqual([])
})

test('what is under way while the run waits for something else is not in doubt', async () => {
  const paid: number[] = []
  const states: unknown[] = []
  let begun = Promise.withResolvers<void>()
  const pay = tool({ name: 'pay' }, async ({ amount }: { readonly amount: number }) => {
    paid.push(amount)
    begun.resolve()
    await setTimeout(50)
    return `receipt ${amount}`
  })
  const payBoth = () =>
    run({ id: 'job' }, async () => {
      begun = Promise.withResolvers()
      const first = pay({ amount: 1 })
      await Promise.race([begun.promise, first.catch(() => {})])
      const second = pay({ amount: 2 }).finally(async () => {
        states.push((await journal.holdfast?.runs?.find('job'))?.state)
      })
      return Promise.all([first, second])
    })
  await again({ store: failing(noOutcome) })
  const cutOffBoth = run({ id: 'job' }, async () => {
    await Promise.allSettled([pay({ amount: 1 }), pay({ amount: 2 })])
    throw new Error('cut off')
  })
  await expect(cutOffBoth).rejects.toThrow('cut off')
  const { runs } = await again()
  const doubts = await runs.inDoubt('job')
  expect(doubts).toHaveLength(2)
  await runs.resolve(doubts[0]?.id ?? '', { as: 'again' })

  await expect(payBoth()).rejects.toMatchObject({ code: 'EFFECT_IN_DOUBT' })

  // Another process does not see that something waits before it is safe to settle it.
  expect(states).toEqual(['running'])
  await expect(runs.find('job')).resolves.toMatchObject({ state: 'waiting' })
  const left = await runs.inDoubt('job')
  expect(left.map((effect) => effect.arguments)).toEqual([{ amount: 2 }])
  await runs.resolve(left[0]?.id ?? '', { as: 'done', value: 'receipt 2' })
  await expect(payBoth()).resolves.toEqual(['receipt 1', 'receipt 2'])
  expect(paid).toEqual([1, 2, 1])
})

test('without an intent on record the tool does not run', async () => {
  const paid: Payment[] = []
  await again({ store: failing(({ kind }) => kind === 'tool-intent') })
  await expect(payOnce(paid)).rejects.toMatchObject({
    code: 'JOURNAL_UNUSABLE',
    message: expect.stringContaining('was not run') as string,
  })
  expect(paid).toEqual([])
})

test('a model call goes on without its record, and says so once', async () => {
  await using lab = await startLab({ script: () => ({ text: 'Well.' }) })
  const warnings: string[] = []
  const store = failing(({ kind }) => kind === 'llm')
  await again({ store, warn: (message) => warnings.push(message) })
  const texts = await run({ id: 'job' }, async () => [await ask(lab), await ask(lab)])
  expect(texts).toEqual([expect.stringContaining('Well.'), expect.stringContaining('Well.')])
  expect(warnings).toEqual([expect.stringContaining('no space left on device')])
  expect(journal.holdfast?.report().bugs).toMatchObject([{ where: 'journal', times: 2 }])
})

test('a call over node:http is answered from the journal too, whole and streamed', async () => {
  await using lab = await startLab({ script: () => ({ text: 'Well, well.' }) })
  const both = () =>
    run({ id: 'job' }, async () => [await askByHttp(lab), await askByHttp(lab, true)])
  await again()
  const first = await both()
  await again()
  await expect(both()).resolves.toEqual(first)
  expect(first[1]).toContain('[DONE]')
  expect(lab.requests).toHaveLength(2)
})

test('a result that cannot be stored is handed on, warned of, and in doubt later', async () => {
  const warnings: string[] = []
  let times = 0
  const open = tool({ name: 'open' }, async (_given: object) => {
    times++
    return () => 'a function'
  })
  const { runs } = await again({ warn: (message) => warnings.push(message) })
  const handed = await run({ id: 'job' }, () => open({}))
  expect(handed()).toBe('a function')
  expect(warnings).toEqual([expect.stringContaining('cannot be stored')])
  const { runs: later } = await again()
  await expect(run({ id: 'job' }, () => open({}))).rejects.toMatchObject({
    code: 'EFFECT_IN_DOUBT',
    message: expect.stringContaining('is done') as string,
  })
  expect(times).toBe(1)
  expect(runs).toBeDefined()
  await expect(later.inDoubt('job')).resolves.toMatchObject([
    { lost: expect.any(String) as string },
  ])
})

test('results and errors come back as they were', async () => {
  const values: unknown[] = [
    undefined,
    null,
    0,
    'text',
    { a: [1, { b: null }] },
    new Map([[1, new Date(5)]]),
    Uint8Array.of(1, 2, 3),
    10n,
    Number.NaN,
  ]
  let times = 0
  const give = tool({ name: 'give' }, async (index: number) => {
    times++
    if (index < values.length) return values[index]
    throw Object.assign(new RangeError('too far'), { status: 404 })
  })
  const all = () =>
    run({ id: 'job' }, async () => {
      const given: unknown[] = []
      for (let index = 0; index < values.length; index++) given.push(await give(index))
      return { given, error: await give(values.length).catch((error: unknown) => error) }
    })
  await again()
  const first = await all()
  await again()
  const second = await all()
  expect(first.given).toEqual(values)
  expect(second.given).toEqual(values)
  expect(second.error).toMatchObject({ name: 'RangeError', message: 'too far', status: 404 })
  expect(times).toBe(values.length + 1)
})

test.for<[string, () => unknown]>([
  ['a stream', () => new ReadableStream()],
  ['a promise inside', () => ({ later: Promise.resolve(1) })],
  ['a method', () => ({ id: 1, close() {} })],
])('%s is not stored as something else', async ([, make]) => {
  const open = tool({ name: 'open' }, async (_what: object) => make())
  await again({ warn: () => {} })
  await run({ id: 'job' }, () => open({}))
  await again()
  await expect(run({ id: 'job' }, () => open({}))).rejects.toMatchObject({
    code: 'EFFECT_IN_DOUBT',
  })
})

test('a run is over for its caller even where somebody leaves a reply unread', async () => {
  await using lab = await startLab({
    script: () => ({ text: 'Well.', chunkDelayMs: 5, chunks: 9 }),
  })
  const { runs } = await again()
  const answer = run({ id: 'job' }, async () => {
    await fetch(`${lab.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: request(true),
    })
    return 'done'
  })
  await expect(answer).resolves.toBe('done')
  await expect(runs.find('job')).resolves.toMatchObject({ state: 'running' })
})

test('a tool that pauses for a person has no outcome: it is called again, and knows it', async () => {
  class Paused extends Error {}
  const given: (boolean | undefined)[] = []
  const ask = (answer: string | undefined) => {
    const start = {
      name: 'approve',
      arguments: { amount: 10 },
      framework: 'test',
      results: {
        store: () => undefined,
        restore: (stored: unknown) => stored,
        isPause: (error: unknown) => error instanceof Paused,
      },
    }
    return run({ id: 'job' }, () =>
      journal.holdfast?.tool(start, () => {
        given.push(currentEffect()?.again)
        if (answer === undefined) throw new Paused('ask somebody')
        return answer
      }),
    )
  }
  await again()
  await expect(ask(undefined)).rejects.toBeInstanceOf(Paused)
  const { runs } = await again()
  await expect(runs.inDoubt()).resolves.toEqual([])
  await expect(ask('yes')).resolves.toBe('yes')
  await again()
  await expect(ask('no')).resolves.toBe('yes')
  expect(given).toEqual([false, true])
})

test('equal calls side by side are told apart by their order, and have keys of their own', async () => {
  const keys: (string | undefined)[] = []
  const draw = tool({ name: 'draw' }, async (_given: object) =>
    keys.push(currentEffect()?.idempotencyKey),
  )
  const three = () => run({ id: 'job' }, () => Promise.all([draw({}), draw({}), draw({})]))
  await again()
  const first = await three()
  await again()
  const second = await three()
  expect(first).toEqual([1, 2, 3])
  expect(second).toEqual(first)
  expect(new Set(keys).size).toBe(3)
})
