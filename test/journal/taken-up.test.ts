import { startLab } from '@holdfast/lab'
import { sqliteJournal } from '@holdfast/store-sqlite'
import { expect, test } from 'vitest'
import { ownerNamed } from './describe-journal-store.ts'
import { journalForEachTest } from './journal-for-each-test.ts'

const journal = journalForEachTest()

/** A model that has been asked once, by a run that nobody has finished, and asking it the same again. */
async function startUnfinished() {
  const lab = await startLab({ script: { text: 'Well.' } })
  const ask = async (): Promise<string> => {
    const response = await fetch(`${lab.baseUrls.openai}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Begin.' }] }),
    })
    const { choices } = (await response.json()) as { choices: { message: { content: string } }[] }
    return choices[0]?.message.content ?? ''
  }
  await journal.again()
  await ask()
  await journal.holdfast?.uninstrument()
  const store = sqliteJournal({ path: journal.path })
  const [run] = await store.list()
  const leave = async (state: 'running' | 'completed'): Promise<void> => {
    const facts = { id: run?.id ?? '' }
    const answer = await store.acquire({ facts, owner: ownerNamed('other'), ttlMs: 60_000 })
    if (answer.taken) await store.update(answer.lease, { state, release: true })
  }
  await leave('running')
  return { lab, ask, store, leave }
}

test('an unfinished run is gone on with by one of those who ask the same at once', async () => {
  const { lab, ask, store } = await startUnfinished()
  await journal.again({ store })
  await expect(Promise.all([ask(), ask(), ask()])).resolves.toEqual(['Well.', 'Well.', 'Well.'])
  expect(lab.requests).toHaveLength(3)
  expect(await store.list()).toHaveLength(3)
  await lab.close()
})

test('a run that its owner ends while it is looked for is nobody else’s answer', async () => {
  const { lab, ask, store, leave } = await startUnfinished()
  const slow = new Proxy(store, {
    get(own, name: keyof typeof store) {
      if (name !== 'list') return typeof own[name] === 'function' ? own[name].bind(own) : own[name]
      return async (query: Parameters<typeof own.list>[0]) => {
        const found = await own.list(query)
        await leave('completed')
        return found
      }
    },
  })
  await journal.again({ store: slow })
  await expect(ask()).resolves.toBe('Well.')
  expect(lab.requests).toHaveLength(2)
  await lab.close()
})
