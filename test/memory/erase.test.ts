import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encryptedMemoryStore } from '@holdfast/core/memory'
import type { MemoryStore } from '@holdfast/core/memory'
import { memory } from '@holdfast/policies/memory'
import { sqliteMemoryStore } from '@holdfast/store-sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hashingEmbedder } from './recall/hashing-embedder.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-memory-'))
  path = join(folder, 'memory.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** All bytes of the files of a store: the database, its write-ahead log and index. */
function bytesOnDisk(): string {
  return readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), 'latin1'))
    .join('\n')
}

/** A word that stands in no other file. */
const marker = (): string => `zq${randomBytes(6).toString('hex')}`

async function fill(store: MemoryStore, user: string, words: readonly string[]): Promise<void> {
  const desk = memory({ store, embedder: hashingEmbedder, namespaces: { team: { write: ['*'] } } })
  for (const [index, word] of words.entries()) {
    // From a few bytes to several pages, changed and changed again.
    const long = `${word} `.repeat(1 + ((index * 37) % 200)).slice(0, 3_900)
    await desk.remember({ user, text: `I keep ${long}`, topic: `t${index % 7}` })
    await desk.remember({ user, text: `In the team ${word} counts`, namespace: 'team' })
    await desk.blocks({ user, session: 's' }).set('state', `step ${word}`)
    await desk.turns({ user, session: 's' }).add({ role: 'user', text: `say ${word}` })
  }
}

test('erasing leaves no byte of a user’s text in any file, and all of everybody else’s', async () => {
  const store = sqliteMemoryStore({ path })
  const reader = sqliteMemoryStore({ path })
  const hers = Array.from({ length: 60 }, marker)
  const his = Array.from({ length: 60 }, marker)
  for (let from = 0; from < 60; from += 20) {
    await fill(store, 'ada', hers.slice(from, from + 20))
    await fill(store, 'bob', his.slice(from, from + 20))
  }
  // Another process has the file open, and has read in it.
  await reader.list({ user: 'ada' })
  const before = bytesOnDisk()
  expect(hers.every((word) => before.includes(word))).toBe(true)
  expect(await store.erase({ user: 'ada' })).toBeGreaterThan(60)
  const after = bytesOnDisk()
  expect(hers.filter((word) => after.includes(word))).toEqual([])
  expect(his.filter((word) => !after.includes(word))).toEqual([])
  expect(after).not.toContain('"ada"')
  await Promise.all([store.close(), reader.close()])
  const closed = bytesOnDisk()
  expect(hers.filter((word) => closed.includes(word))).toEqual([])
})

test('what is forgotten leaves no byte either', async () => {
  const store = sqliteMemoryStore({ path })
  const desk = memory({ store })
  const [kept, gone] = [marker(), marker()]
  await desk.remember({ user: 'ada', text: `I keep ${kept}` })
  const outcome = await desk.remember({ user: 'ada', text: `I told you ${gone}` })
  expect(bytesOnDisk()).toContain(gone)
  const id = outcome.outcome === 'stored' ? outcome.memory.id : ''
  expect(await desk.forget(id, { user: 'bob' })).toBe(false)
  expect(await desk.forget(id, { user: 'ada' })).toBe(true)
  expect(bytesOnDisk()).not.toContain(gone)
  expect(bytesOnDisk()).toContain(kept)
  await desk.close()
})

test('with a key nothing that was said stands in the files, and it is found all the same', async () => {
  const key = randomBytes(32)
  const open = (): MemoryStore => encryptedMemoryStore(sqliteMemoryStore({ path }), { key })
  const word = marker()
  const desk = memory({ store: open(), embedder: hashingEmbedder })
  await desk.remember({ user: 'ada', text: `I prefer ${word}` })
  const onDisk = bytesOnDisk()
  expect(onDisk).not.toContain(word)
  expect(onDisk).not.toContain('taste')
  expect(onDisk).not.toContain(word.slice(0, 8))
  await desk.close()
  const again = memory({ store: open() })
  const hits = await again.recall({ query: word, user: 'ada' })
  expect(hits.map(({ memory: { text } }) => text)).toEqual([`I prefer ${word}`])
  await again.close()
  const other = memory({
    store: encryptedMemoryStore(sqliteMemoryStore({ path }), { key: randomBytes(32) }),
  })
  await expect(other.recall({ query: word, user: 'ada' })).rejects.toMatchObject({
    code: 'KEY_WRONG',
  })
  await other.close()
  const without = memory({ store: encryptedMemoryStore(sqliteMemoryStore({ path }), undefined) })
  await expect(without.recall({ query: word, user: 'ada' })).rejects.toThrow('HOLDFAST_KEY')
  expect(await without.erase({ user: 'ada' })).toBe(1)
  await without.close()
})

test('the files are for their owner alone', async () => {
  const store = sqliteMemoryStore({ path })
  await store.list()
  for (const file of readdirSync(folder)) {
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600)
  }
  await store.close()
})
