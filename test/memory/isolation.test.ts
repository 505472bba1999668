import { inProcessMemoryStore } from '@holdfast/core/memory'
import { memory } from '@holdfast/policies/memory'
import type { Memory } from '@holdfast/policies/memory'
import { sqliteMemoryStore } from '@holdfast/store-sqlite'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

/** Names that are easy to mistake for each other, and hostile ones. */
const names = fc.constantFrom('a', 'b', 'A', 'a\u0000b', 'a|b', '["a"]', 'a","b', '%', '__proto__')
const tenants = fc.option(fc.constantFrom('a', 't', '["a"]'), { nil: undefined })
const agents = fc.constantFrom('reader', 'writer', 'both', 'none', '__proto__')

const namespaces = {
  a: { read: ['reader', 'both'], write: ['writer', 'both'] },
  '["a"]': { read: ['both'], write: ['both'] },
}

interface Write {
  readonly user: string
  readonly tenant: string | undefined
  readonly namespace: string | undefined
  readonly agent: string
}

const write: fc.Arbitrary<Write> = fc.record({
  user: names,
  tenant: tenants,
  namespace: fc.option(names, { nil: undefined }),
  agent: agents,
})

const given = <T extends object>(all: T) =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }

async function isAllowed(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    expect(error).toMatchObject({ code: 'PERMISSION_DENIED' })
    return false
  }
}

const may = (namespace: string, right: 'read' | 'write', agent: string): boolean =>
  Object.entries(namespaces).some(
    ([name, grants]) => name === namespace && grants[right].includes(agent),
  )

test.each([
  ['in memory', () => inProcessMemoryStore()],
  ['on SQLite', () => sqliteMemoryStore({ path: ':memory:' })],
] as const)('nobody’s memory reaches anybody else, %s', async (_, open) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(write, { minLength: 1, maxLength: 12 }),
      fc.array(write, { minLength: 1, maxLength: 8 }),
      async (writes, reads) => {
        const desk: Memory = memory({ store: open(), namespaces })
        const kept: (Write & { readonly text: string; readonly id: string })[] = []
        for (const [index, one] of writes.entries()) {
          // The same words from everybody: only whose they are tells them apart.
          const text = `I prefer secretword${index}`
          let id = ''
          const allowed = await isAllowed(async () => {
            const outcome = await desk.remember(given({ ...one, text, topic: `t${index}` }))
            if (outcome.outcome !== 'refused') ({ id } = outcome.memory)
          })
          expect(allowed).toBe(
            one.namespace === undefined || may(one.namespace, 'write', one.agent),
          )
          if (allowed) kept.push({ ...one, text, id })
        }
        for (const { user, tenant, namespace, agent } of reads) {
          const wanted = namespace === undefined ? [] : [namespace]
          const request = given({ user, tenant, agent, namespaces: wanted })
          const words = writes.map((_one, index) => `secretword${index}`).join(' ')
          let found: string[] = []
          const allowed = await isAllowed(async () => {
            const hits = await desk.recall({ ...request, query: words, maxItems: 50 })
            found = hits.map(({ memory: { text } }) => text)
          })
          expect(allowed).toBe(namespace === undefined || may(namespace, 'read', agent))
          if (!allowed) continue
          const own = kept.filter(
            (one) =>
              one.tenant === tenant &&
              (one.namespace === undefined ? one.user === user : one.namespace === namespace),
          )
          expect(found.toSorted()).toEqual(own.map(({ text }) => text).toSorted())
          for (const { id, text } of kept) {
            const isOwn = own.some((one) => one.text === text)
            expect((await desk.history(id, request)).length > 0).toBe(isOwn)
          }
        }
        const [first] = writes
        if (first !== undefined) {
          const { user, tenant } = first
          const exported = await desk.export({ user, ...given({ tenant }) })
          const hers = kept.filter((one) => one.user === user && one.tenant === tenant)
          expect(exported.memories.map(({ text }) => text).toSorted()).toEqual(
            hers.map(({ text }) => text).toSorted(),
          )
          expect(await desk.erase({ user, ...given({ tenant }) })).toBe(hers.length)
        }
        await desk.close()
      },
    ),
    { numRuns: 60 },
  )
})

test('without a user or a namespace there is no recall', async () => {
  const desk = memory()
  await desk.remember({ user: 'ada', text: 'I prefer tea' })
  const missing = { code: 'IDENTITY_MISSING' }
  await expect(desk.recall({ query: 'tea' })).rejects.toMatchObject(missing)
  await expect(desk.recall({ query: 'tea', user: '' })).rejects.toMatchObject(missing)
  await expect(desk.remember({ text: 'I prefer tea' })).rejects.toMatchObject(missing)
  await expect(desk.history('x')).rejects.toMatchObject(missing)
  await expect(desk.erase({ user: '' })).rejects.toMatchObject(missing)
  expect(() => desk.blocks({ user: 'ada' })).toThrow('a session')
})

test('how rare a word is for others does not show in the scores of one', async () => {
  const desk = memory({ now: () => 1_700_000_000_000 })
  const scores = async () => (await desk.recall({ user: 'ada', query: 'tea and cake' }))[0]?.scores
  await desk.remember({ user: 'ada', text: 'I prefer tea' })
  await desk.remember({ user: 'ada', text: 'I like cake' })
  const before = await scores()
  for (let count = 0; count < 50; count++) {
    await desk.remember({ user: 'bob', text: `My tea number ${count} was good`, kind: 'episode' })
  }
  expect(await scores()).toEqual(before)
})
