import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keptKey } from './kept-key.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-kept-key-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a key is made once, for this user alone, and nothing else is left', () => {
  const store = join(folder, 'new', 'journal.db')
  const key = keptKey(store)
  expect(key).toHaveLength(32)
  expect(keptKey(store)).toEqual(key)
  expect(readdirSync(join(folder, 'new'))).toEqual(['journal.db.placeholder-key'])
  expect(statSync(`${store}.placeholder-key`).mode & 0o777).toBe(0o600)
})

test('of a journal on a server it is in the usual folder, which is kept out of git', () => {
  const before = process.cwd()
  process.chdir(folder)
  try {
    keptKey('redis://localhost:6379')
    expect(readdirSync('.holdfast')).toEqual(['.gitignore', 'journal.db.placeholder-key'])
  } finally {
    process.chdir(before)
  }
})

test('threads that want it at the same moment have the same', async () => {
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const threads = Array.from({ length: 4 }, () => {
    const code = `
      import { parentPort, workerData } from 'node:worker_threads'
      import { keptKey } from ${JSON.stringify(new URL('kept-key.ts', import.meta.url).href)}
      const { gate, stores } = workerData
      parentPort.postMessage('ready')
      Atomics.wait(gate, 0, 0)
      parentPort.postMessage(stores.map((store) => keptKey(store).toString('hex')))`
    return new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {
      workerData: { gate, stores: Array.from({ length: 50 }, (_, n) => join(folder, `${n}`)) },
      execArgv: ['--conditions=@holdfast/source', '--no-warnings'],
    })
  })
  await Promise.all(threads.map((thread) => once(thread, 'message')))
  const keys = threads.map((thread) => once(thread, 'message'))
  Atomics.store(gate, 0, 1)
  Atomics.notify(gate, 0)
  const [first, ...others] = await Promise.all(keys)
  for (const other of others) expect(other).toEqual(first)
})
