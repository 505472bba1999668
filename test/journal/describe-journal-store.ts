import type {
  JournalBlob,
  JournalEntry,
  JournalLease,
  JournalStore,
  LeaseOwner,
} from '@holdfast/core'
import { afterEach, describe, expect, test } from 'vitest'

/** A store as the suite needs it: the same content may be opened several times, as by several processes. */
export interface JournalUnderTest {
  open(): Promise<JournalStore>
  /** Moves the time by which leases run out. */
  pass(ms: number): Promise<void>
  end(): Promise<void>
}

export function ownerNamed(id: string): LeaseOwner {
  return { id, host: 'here', pid: 1, started: '0' }
}

/** The contract of a journal store, to be kept by every implementation. */
export function describeJournalStore(name: string, make: () => Promise<JournalUnderTest>): void {
  describe(name, () => {
    const ends: (() => Promise<void>)[] = []
    afterEach(async () => {
      for (const end of ends.splice(0).toReversed()) await end()
    })

    async function start() {
      const under = await make()
      ends.push(() => under.end())
      const open = async (): Promise<JournalStore> => {
        const store = await under.open()
        ends.push(() => store.close())
        return store
      }
      return { open, store: await open(), pass: (ms: number) => under.pass(ms) }
    }

    test('entries come back in order, as they were put in, also to another process', async () => {
      const { open, store } = await start()
      const lease = await take(store, 'run', 'one')
      const payload = Uint8Array.from({ length: 300 }, (_, index) => index)
      await store.append(lease, [entry(0, 'text “ü” \u0000')])
      await store.append(lease, [entry(1, Uint8Array.of(0, 255)), { ...entry(2, ''), payload }])

      const read = await (await open()).read('run')

      expect(read.map(({ seq, kind, atMs }) => [seq, kind, atMs])).toEqual([
        [0, 'note', 1],
        [1, 'note', 1],
        [2, 'note', 1],
      ])
      expect(read[0]?.data).toBe('text “ü” \u0000')
      expect(Buffer.from(read[1]?.data ?? '')).toEqual(Buffer.of(0, 255))
      expect([...(read[2]?.payload ?? [])]).toEqual([...payload])
    })

    test('a run remembers what was said when it began, and how it stands', async () => {
      const { store } = await start()
      const facts = { id: 'run', key: 'k', agent: 'a', session: 's', tenant: 't', user: 'u' }
      const answer = await store.acquire({ facts, owner: ownerNamed('one'), ttlMs: 1_000 })
      expect(answer).toMatchObject({ taken: true, run: undefined })
      await expect(store.find('run')).resolves.toMatchObject({
        ...facts,
        state: 'running',
        fence: 1,
        owner: ownerNamed('one'),
      })
      if (answer.taken) await store.update(answer.lease, { state: 'completed', release: true })
      const run = await store.find('run')
      expect(run?.state).toBe('completed')
      expect(run?.owner).toBeUndefined()
      await expect(store.find('other')).resolves.toBeUndefined()
    })

    test('a run keeps its secret until it gets another one', async () => {
      const { store } = await start()
      const facts = { id: 'run', secret: 'first' }
      const answer = await store.acquire({ facts, owner: ownerNamed('one'), ttlMs: 1_000 })
      if (!answer.taken) throw new Error('held')
      await store.update(answer.lease, { state: 'waiting' })
      await expect(store.find('run')).resolves.toMatchObject({ state: 'waiting', secret: 'first' })
      await store.update(answer.lease, { state: 'completed', secret: 'second', release: true })
      await expect(store.find('run')).resolves.toMatchObject({ secret: 'second' })
    })

    test('a run that is held is nobody else’s until its lease runs out', async () => {
      const { open, store, pass } = await start()
      await take(store, 'run', 'one')
      const other = await open()
      const ask = () =>
        other.acquire({ facts: { id: 'run' }, owner: ownerNamed('two'), ttlMs: 1_000 })

      await expect(ask()).resolves.toMatchObject({
        taken: false,
        run: { owner: { id: 'one' }, fence: 1 },
      })
      await pass(1_100)
      await expect(ask()).resolves.toMatchObject({ taken: true, lease: { fence: 2 } })
    })

    test('a renewed lease goes on, and a lost one is told', async () => {
      const { store, pass } = await start()
      const kept = await take(store, 'kept', 'one')
      const lost = await take(store, 'lost', 'one')
      await pass(700)
      await expect(store.renew([kept], 1_000)).resolves.toEqual([])
      await pass(700)
      await take(store, 'lost', 'two')
      await expect(store.renew([kept, lost], 1_000)).resolves.toEqual(['lost'])
      await expect(
        store.acquire({ facts: { id: 'kept' }, owner: ownerNamed('two'), ttlMs: 1_000 }),
      ).resolves.toMatchObject({ taken: false })
    })

    test('the run of an owner who is gone is taken over by the fence that was seen, by one alone', async () => {
      const { open, store } = await start()
      await take(store, 'run', 'gone')
      const heirs = await Promise.all(
        ['a', 'b', 'c', 'd'].map(async (id) =>
          (await open()).acquire({
            facts: { id: 'run' },
            owner: ownerNamed(id),
            ttlMs: 1_000,
            overFence: 1,
          }),
        ),
      )
      expect(heirs.filter(({ taken }) => taken)).toHaveLength(1)
    })

    test('an owner who was replaced can write nothing any more', async () => {
      const { open, store, pass } = await start()
      const old = await take(store, 'run', 'one')
      await store.append(old, [entry(0, 'mine')])
      await pass(1_100)
      const next = await open()
      const lease = await take(next, 'run', 'two')

      const late = await Promise.allSettled([
        store.append(old, [entry(1, 'late')]),
        store.append(old, [entry(1, 'late')], [{ hash: 'h', content: 'late' }]),
        store.update(old, { state: 'completed', release: true }),
      ])
      const refused = { status: 'rejected', reason: { code: 'RUN_TAKEN_OVER' } }
      expect(late).toMatchObject([refused, refused, refused])
      await next.append(lease, [entry(1, 'yours')])

      const read = await next.read('run')
      expect(read.map(({ data }) => data)).toEqual(['mine', 'yours'])
      await expect(next.blob('run', 'h')).resolves.toBeUndefined()
      await expect(next.find('run')).resolves.toMatchObject({ owner: { id: 'two' } })
    })

    test('what is recorded is read by everybody at once, in order with what is appended', async () => {
      const { open, store } = await start()
      const lease = await take(store, 'run', 'one')
      const payload = Uint8Array.from({ length: 300 }, (_, index) => index)
      await record(store, lease, { ...entry(0, 'text “ü” \u0000'), payload })
      await store.append(lease, [entry(1, 'appended')])
      await record(store, lease, entry(2, Uint8Array.of(0, 255)), {
        hash: 'h',
        content: 'blob “ü”',
      })
      const other = await open()

      for (const reader of [store, other]) {
        const read = await reader.read('run')
        expect(read.map(({ seq }) => seq)).toEqual([0, 1, 2])
        expect(read[0]?.data).toBe('text “ü” \u0000')
        expect([...(read[0]?.payload ?? [])]).toEqual([...payload])
        expect(Buffer.from(read[2]?.data ?? '')).toEqual(Buffer.of(0, 255))
        await expect(reader.blob('run', 'h')).resolves.toBe('blob “ü”')
      }
    })

    test('what is recorded stays with the run: when it ends, is taken over, and its process closes', async () => {
      const { open, store, pass } = await start()
      const first = await take(store, 'run', 'one')
      await record(store, first, entry(0, 'first'), { hash: 'h', content: 'blob' })
      const another = await take(store, 'another', 'one')
      await record(store, another, entry(0, 'of another'))
      await pass(1_100)
      const next = await open()
      const second = await take(next, 'run', 'two')
      await record(next, second, entry(1, 'second'))
      await next.update(second, { state: 'completed', release: true })
      await next.close()
      const third = await take(store, 'run', 'three')
      await record(store, third, entry(2, 'third'))

      const texts = async (id: string) => (await (await open()).read(id)).map(({ data }) => data)
      await expect(texts('run')).resolves.toEqual(['first', 'second', 'third'])
      await expect(texts('another')).resolves.toEqual(['of another'])
      await store.close()
      await expect(texts('run')).resolves.toEqual(['first', 'second', 'third'])
      await expect((await open()).blob('run', 'h')).resolves.toBe('blob')
    })

    test('what an owner who was replaced records late is never read', async () => {
      const { open, store, pass } = await start()
      const old = await take(store, 'run', 'one')
      await record(store, old, entry(0, 'mine'))
      await pass(1_100)
      const next = await open()
      const lease = await take(next, 'run', 'two')

      await Promise.allSettled([
        record(store, old, entry(1, 'late'), { hash: 'h', content: 'late' }),
      ])
      await record(next, lease, entry(1, 'yours'))

      const read = await next.read('run')
      expect(read.map(({ data }) => data)).toEqual(['mine', 'yours'])
      await expect(next.blob('run', 'h')).resolves.toBeUndefined()
      await pass(1_100)
      await take(store, 'run', 'one')
      await expect(store.read('run')).resolves.toHaveLength(2)
    })

    test('a run that is removed takes along what was recorded, and a new one of its name begins empty', async () => {
      const { store } = await start()
      const lease = await take(store, 'run', 'one')
      await record(store, lease, entry(0, 'gone'), { hash: 'h', content: 'gone' })
      await store.update(lease, { state: 'completed', release: true })
      await expect(store.remove(['run'])).resolves.toBe(1)
      await take(store, 'run', 'one')
      await expect(store.read('run')).resolves.toEqual([])
      await expect(store.blob('run', 'h')).resolves.toBeUndefined()
    })

    test('of appends at the same moment only the replaced owner’s are refused', async () => {
      const { store, pass } = await start()
      const old = await take(store, 'old', 'one')
      await pass(1_100)
      await take(store, 'old', 'two')
      const good = await take(store, 'good', 'one')
      const answers = await Promise.allSettled([
        store.append(good, [entry(0, 'a')]),
        store.append(old, [entry(0, 'b'), entry(1, 'c')]),
        store.append(good, [entry(1, 'd')]),
      ])
      expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      await expect(store.read('old')).resolves.toEqual([])
      expect(await store.read('good')).toHaveLength(2)
    })

    test('an append is written whole or not at all', async () => {
      const { store } = await start()
      const lease = await take(store, 'run', 'one')
      await store.append(lease, [entry(1, 'there already')])
      const answers = await Promise.allSettled([
        store.append(lease, [entry(0, 'half'), entry(1, 'twice')]),
        store.append(lease, [entry(2, 'another')]),
      ])
      expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
      expect((await store.read('run')).map(({ data }) => data)).toEqual([
        'there already',
        'another',
      ])
    })

    test('a blob belongs to every run that put it in, and goes with the last of them', async () => {
      const { store } = await start()
      const first = await take(store, 'first', 'one')
      const second = await take(store, 'second', 'one')
      const blob = { hash: 'h', content: 'large '.repeat(1_000) }
      await store.append(first, [entry(0, '')], [blob])
      await store.append(second, [entry(0, '')], [blob])
      await store.append(second, [entry(1, '')], [blob])
      await expect(store.blob('first', 'h')).resolves.toBe(blob.content)

      await store.update(first, { state: 'completed', release: true })
      await expect(store.remove(['first'])).resolves.toBe(1)

      await expect(store.blob('first', 'h')).resolves.toBeUndefined()
      await expect(store.blob('second', 'h')).resolves.toBe(blob.content)
      await expect(store.find('first')).resolves.toBeUndefined()
      await expect(store.read('first')).resolves.toEqual([])
    })

    test('a run that somebody holds is not removed', async () => {
      const { store } = await start()
      const lease = await take(store, 'run', 'one')
      await store.append(lease, [entry(0, '')])
      await expect(store.remove(['run', 'unknown'])).resolves.toBe(0)
      await expect(store.read('run')).resolves.toHaveLength(1)
    })

    test('runs are found by state, key, agent, session and age, the latest first', async () => {
      const { store, pass } = await start()
      const begin = async (id: string, facts: object) => {
        const answer = await store.acquire({
          facts: { id, ...facts },
          owner: ownerNamed('one'),
          ttlMs: 60_000,
        })
        await pass(10)
        return answer
      }
      await begin('1', { key: 'k', agent: 'a' })
      const done = await begin('2', { key: 'k', session: 's' })
      if (done.taken) await store.update(done.lease, { state: 'completed', release: true })
      await pass(10)
      await begin('3', { agent: 'a', session: 's' })
      const ids = async (query?: Parameters<JournalStore['list']>[0]) =>
        (await store.list(query)).map(({ id }) => id)

      await expect(ids()).resolves.toEqual(['3', '2', '1'])
      await expect(ids({ limit: 1 })).resolves.toEqual(['3'])
      await expect(ids({ key: 'k' })).resolves.toEqual(['2', '1'])
      await expect(ids({ key: 'k', states: ['running', 'waiting'] })).resolves.toEqual(['1'])
      await expect(ids({ agent: 'a' })).resolves.toEqual(['3', '1'])
      await expect(ids({ session: 's' })).resolves.toEqual(['3', '2'])
      const third = await store.find('3')
      await expect(ids({ updatedBeforeMs: third?.updatedAtMs ?? 0 })).resolves.toEqual(['2', '1'])
    })

    test('a run that does not exist is not made where only existing ones are meant', async () => {
      const { store } = await start()
      const request = { facts: { id: 'run' }, owner: ownerNamed('one'), ttlMs: 1_000 }
      await expect(store.acquire({ ...request, only: 'existing' })).resolves.toEqual({
        taken: false,
        run: undefined,
      })
      await expect(store.find('run')).resolves.toBeUndefined()
    })

    test('only what is unfinished and nobody works on is taken where that is meant', async () => {
      const { store } = await start()
      const unfinished = (owner: string) =>
        store.acquire({
          facts: { id: 'run' },
          owner: ownerNamed(owner),
          ttlMs: 60_000,
          only: 'unfinished',
        })
      await expect(unfinished('one')).resolves.toEqual({ taken: false, run: undefined })
      for (const state of ['completed', 'failed', 'running', 'waiting'] as const) {
        const lease = await take(store, 'run', 'one')
        // By nobody else, and by himself not a second time.
        for (const owner of ['one', 'two']) {
          await expect(unfinished(owner)).resolves.toMatchObject({ taken: false })
        }
        await store.update(lease, { state, release: true })
        const answer = await unfinished('two')
        expect([state, answer.taken, answer.run?.state]).toEqual([
          state,
          state === 'running' || state === 'waiting',
          state,
        ])
        if (answer.taken) await store.update(answer.lease, { state, release: true })
      }
    })

    test('and where its owner is known to be gone', async () => {
      const { store } = await start()
      const { fence } = await take(store, 'run', 'one')
      const taken = await store.acquire({
        facts: { id: 'run' },
        owner: ownerNamed('two'),
        ttlMs: 60_000,
        overFence: fence,
        only: 'unfinished',
      })
      expect(taken).toMatchObject({ taken: true, lease: { fence: fence + 1 } })
    })
  })
}

/** As a journal does: a store that has no cheaper way is asked to append. */
async function record(
  store: JournalStore,
  lease: JournalLease,
  one: JournalEntry,
  ...blobs: JournalBlob[]
): Promise<void> {
  await (store.record?.(lease, one, blobs) ??
    (store.record === undefined ? store.append(lease, [one], blobs) : undefined))
}

async function take(store: JournalStore, id: string, owner: string): Promise<JournalLease> {
  const answer = await store.acquire({ facts: { id }, owner: ownerNamed(owner), ttlMs: 1_000 })
  if (!answer.taken) throw new Error(`${id} is held`)
  return answer.lease
}

function entry(seq: number, data: string | Uint8Array): JournalEntry {
  return { seq, kind: 'note', atMs: 1, data }
}
