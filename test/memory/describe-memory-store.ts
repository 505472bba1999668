import type { MemoryPlace, MemoryStore, MemoryVersion } from '@holdfast/core/memory'
import { afterEach, describe, expect, test } from 'vitest'

/** A store as the suite needs it: the same content may be opened several times, as by several processes. */
export interface MemoriesUnderTest {
  open(): Promise<MemoryStore>
  end(): Promise<void>
}

const ofAda: MemoryPlace = { tier: 'long-term', user: 'ada' }

/** A version of a memory of Ada's, unless it is said to be otherwise. */
export function memory(id: string, more: Partial<MemoryVersion> = {}): MemoryVersion {
  return {
    id,
    version: 1,
    place: ofAda,
    kind: 'fact',
    text: `what ${id} says, “ü” 茶`,
    importance: 0.5,
    atMs: 1_700_000_000_000,
    source: { by: 'application' },
    ...more,
  }
}

/** The contract of a memory store, to be kept by every implementation. */
export function describeMemoryStore(name: string, make: () => Promise<MemoriesUnderTest>): void {
  describe(`${name} as a memory store`, () => {
    const ends: (() => Promise<void>)[] = []
    afterEach(async () => {
      for (const end of ends.splice(0).toReversed()) await end()
    })

    async function start() {
      const under = await make()
      ends.push(() => under.end())
      const open = async (): Promise<MemoryStore> => {
        const store = await under.open()
        ends.push(() => store.close())
        return store
      }
      return { open, store: await open() }
    }

    const idsOf = (versions: readonly MemoryVersion[]) =>
      versions.map(({ id, version }) => `${id}/${version}`)

    test('a version is kept as it was put, also for another process', async () => {
      const { open, store } = await start()
      const put = memory('a', {
        kind: 'preference',
        topic: 'tea',
        expiresAtMs: 1_900_000_000_000,
        source: { by: 'model', agent: 'helper', user: 'ada', runId: 'r', callId: 'c' },
        embedding: { model: 'm', vector: Float32Array.of(0.5, -0.25, 3) },
      })
      await expect(store.put(put)).resolves.toBe(true)
      const other = await open()
      await expect(other.find('a')).resolves.toEqual(put)
      await expect(other.history('a')).resolves.toEqual([put])
      await expect(other.find('b')).resolves.toBeUndefined()
      await expect(other.history('b')).resolves.toEqual([])
    })

    test('versions follow each other, and nothing is overwritten', async () => {
      const { store } = await start()
      expect(await store.put(memory('a', { version: 2 }))).toBe(false)
      expect(await store.put(memory('a'))).toBe(true)
      expect(await store.put(memory('a'))).toBe(false)
      expect(await store.put(memory('a', { version: 3 }))).toBe(false)
      expect(await store.put(memory('a', { version: 2, text: 'later' }))).toBe(true)
      expect((await store.find('a'))?.text).toBe('later')
      expect(idsOf(await store.history('a'))).toEqual(['a/1', 'a/2'])
    })

    test('of several who write the same version at once, one does', async () => {
      const { open, store } = await start()
      const others = await Promise.all([open(), open(), open()])
      const all = [store, ...others]
      const put = await Promise.all(
        all.map((one, index) => one.put(memory('a', { text: `by ${index}` }))),
      )
      expect(put.filter(Boolean)).toHaveLength(1)
      expect((await store.find('a'))?.text).toBe(`by ${put.indexOf(true)}`)
    })

    test('changes tell what came to a place, and to no other', async () => {
      const { open, store } = await start()
      await store.put(memory('a'))
      await store.put(memory('b', { place: { tier: 'long-term', user: 'bob' } }))
      const first = await store.changes(ofAda)
      expect([idsOf(first.versions), first.fromStart, first.more]).toEqual([['a/1'], true, false])
      const none = await store.changes(ofAda, first.cursor)
      expect([none.versions, none.fromStart]).toEqual([[], false])
      const other = await open()
      await other.put(memory('a', { version: 2 }))
      await other.put(memory('c'))
      const next = await store.changes(ofAda, none.cursor)
      expect([idsOf(next.versions), next.fromStart]).toEqual([['a/2', 'c/1'], false])
    })

    test('a vector that comes later changes no history, and is told as a change', async () => {
      const { store } = await start()
      await store.put(memory('a'))
      await store.put(memory('a', { version: 2 }))
      await store.put(memory('b'))
      const { cursor } = await store.changes(ofAda)
      const embedding = { model: 'm', vector: Float32Array.of(0.5, -0.25) }
      expect(await store.addVector(memory('a', { embedding }))).toBe(false)
      expect(await store.addVector(memory('c', { embedding }))).toBe(false)
      const later = memory('a', { version: 2, embedding })
      expect(await store.addVector(later)).toBe(true)
      expect(await store.addVector(later)).toBe(false)
      expect(await store.history('a')).toEqual([memory('a'), later])
      const { versions, fromStart } = await store.changes(ofAda, cursor)
      expect([versions, fromStart]).toEqual([[later], false])
      await store.put(memory('d'))
      expect(idsOf((await store.changes(ofAda)).versions)).toEqual(['a/1', 'b/1', 'a/2', 'd/1'])
    })

    test('changes come in pages, all of them and in order', async () => {
      const { store } = await start()
      for (let count = 0; count < 1_050; count++) await store.put(memory(`m${count}`))
      const seen: string[] = []
      let cursor: string | undefined
      for (let more = true; more;) {
        const changes = await store.changes(ofAda, cursor)
        seen.push(...changes.versions.map(({ id }) => id))
        ;({ cursor, more } = changes)
      }
      expect(seen).toEqual(Array.from({ length: 1_050 }, (_, count) => `m${count}`))
    })

    test('after something was deleted, changes begin from the start', async () => {
      const { open, store } = await start()
      await store.put(memory('a'))
      await store.put(memory('b'))
      const { cursor } = await store.changes(ofAda)
      await (await open()).forget(['a', 'never'])
      const after = await store.changes(ofAda, cursor)
      expect([idsOf(after.versions), after.fromStart]).toEqual([['b/1'], true])
      await expect(store.find('a')).resolves.toBeUndefined()
      await expect(store.history('a')).resolves.toEqual([])
      expect((await store.changes(ofAda, after.cursor)).fromStart).toBe(false)
      // It may be remembered again, from the beginning.
      expect(await store.put(memory('a'))).toBe(true)
    })

    test('a list has what was asked for, the latest first', async () => {
      const { store } = await start()
      const shared: MemoryPlace = { tier: 'long-term', tenant: 't', namespace: 'team' }
      await store.put(memory('a'))
      await store.put(memory('a', { version: 2 }))
      await store.put(memory('n', { place: shared, source: { by: 'user', user: 'ada' } }))
      await store.put(
        memory('s', { kind: 'turn', place: { tier: 'session', user: 'ada', session: 's1' } }),
      )
      await store.put(memory('x', { place: { tier: 'long-term', user: 'bob' } }))
      const list = async (query?: Parameters<MemoryStore['list']>[0]) =>
        idsOf(await store.list(query))
      expect(await list()).toEqual(['x/1', 's/1', 'n/1', 'a/2'])
      expect(await list({ user: 'ada' })).toEqual(['s/1', 'n/1', 'a/2'])
      expect(await list({ user: 'ada', tenant: 't' })).toEqual(['n/1'])
      expect(await list({ user: 'ada', everyVersion: true, tiers: ['long-term'] })).toEqual([
        'n/1',
        'a/2',
        'a/1',
      ])
      expect(await list({ namespace: 'team' })).toEqual(['n/1'])
      expect(await list({ session: 's1', kinds: ['turn'] })).toEqual(['s/1'])
      expect(await list({ limit: 2 })).toEqual(['x/1', 's/1'])
    })

    test('erasing takes all that is of a user, and nothing of anybody else', async () => {
      const { open, store } = await start()
      const shared: MemoryPlace = { tier: 'long-term', namespace: 'team' }
      const byAda = { by: 'user', user: 'ada' } as const
      await store.put(memory('a'))
      await store.put(memory('b', { place: { tier: 'long-term', user: 'bob' } }))
      await store.put(memory('t', { place: { tier: 'long-term', tenant: 't', user: 'ada' } }))
      await store.put(memory('w', { place: { tier: 'working', user: 'ada', session: 's' } }))
      await store.put(memory('n', { place: shared, source: byAda }))
      await store.put(memory('n', { version: 2, place: shared, source: { by: 'agent' } }))
      await store.put(memory('o', { place: shared, source: { by: 'agent' } }))
      const { cursor } = await (await open()).changes(shared)
      await expect(store.erase({ user: 'ada' })).resolves.toBe(3)
      expect((await store.list()).map(({ id }) => id)).toEqual(['o', 't', 'b'])
      expect(await store.list({ user: 'ada' })).toHaveLength(1)
      expect((await store.changes(shared, cursor)).fromStart).toBe(true)
      await expect(store.erase({ user: 'ada' })).resolves.toBe(0)
    })

    test('what has expired goes, with what it superseded', async () => {
      const { store } = await start()
      await store.put(memory('a', { expiresAtMs: 1_000 }))
      await store.put(memory('b', { expiresAtMs: 1_000 }))
      await store.put(memory('b', { version: 2 }))
      await store.put(memory('c', { expiresAtMs: 3_000 }))
      await expect(store.expire(2_000)).resolves.toBe(1)
      expect((await store.list()).map(({ id }) => id)).toEqual(['c', 'b'])
    })

    test('names that look like each other are other places', async () => {
      const { store } = await start()
      const places: MemoryPlace[] = [
        { tier: 'long-term', user: 'a', tenant: 'b' },
        { tier: 'long-term', user: 'b', tenant: 'a' },
        { tier: 'long-term', user: 'a","b' },
        { tier: 'long-term', namespace: 'a', tenant: 'b' },
        { tier: 'session', session: 'a', tenant: 'b' },
        { tier: 'working', session: 'a', tenant: 'b' },
      ]
      for (const [index, place] of places.entries()) await store.put(memory(`p${index}`, { place }))
      for (const [index, place] of places.entries()) {
        expect(idsOf((await store.changes(place)).versions)).toEqual([`p${index}/1`])
      }
      for (const nobody of [
        { tier: 'long-term' },
        { tier: 'long-term', user: '' },
        { tier: 'long-term', session: 's' },
        { tier: 'session', user: 'ada' },
      ] as const) {
        await expect(store.changes(nobody)).rejects.toMatchObject({ code: 'IDENTITY_MISSING' })
      }
    })
  })
}
