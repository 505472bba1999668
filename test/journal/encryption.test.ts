import { randomBytes } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { startLab } from '@holdfast/lab'
import { instrument, run, tool } from 'holdfast'
import type { JournalSettings } from 'holdfast'
import { expect, test } from 'vitest'
import { journalForEachTest } from './journal-for-each-test.ts'

const journal = journalForEachTest()
const { again } = journal

const secrets = ['Plover', 'the answer is a heron', 'DE0212', 'receipt 99', 'sk-very-secret']

/** Says all the secrets: in a prompt longer than a page, a reply, arguments, a result and a header. */
async function work(done: string[] = []): Promise<string> {
  await using lab = await startLab({ script: () => ({ text: 'the answer is a heron' }) })
  const pay = tool({ name: 'pay' }, async ({ iban }: { iban: string }) => {
    done.push(iban)
    return 'receipt 99'
  })
  return await run({ id: 'job' }, async () => {
    const response = await fetch(`${lab.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer sk-very-secret' },
      body: JSON.stringify({
        model: 'm',
        messages: [{ role: 'user', content: 'Plover '.repeat(1_000) }],
      }),
    })
    return `${await response.text()} ${await pay({ iban: 'DE0212' })}`
  })
}

function written(): string {
  return readdirSync(journal.folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => readFileSync(join(file.parentPath, file.name), 'latin1'))
    .join('\n')
}

const key = randomBytes(32).toString('base64')

test('with a key nothing that was said can be read from the file, without one it can', async () => {
  await again({ encryption: { key } })
  await work()
  for (const secret of secrets) expect(written()).not.toContain(secret)
  await again({ store: join(journal.folder, 'plain.db') })
  await work()
  for (const secret of secrets.slice(0, -1)) expect(written()).toContain(secret)
  expect(written()).not.toContain('sk-very-secret')
})

test('an encrypted run is gone on with as any other', async () => {
  const done: string[] = []
  await again({ encryption: { key } })
  const first = await work(done)
  const { runs } = await again({ encryption: { key: () => Promise.resolve(key) } })
  await expect(work(done)).resolves.toBe(first)
  expect(done).toEqual(['DE0212'])
  const [record] = await runs.entries('job')
  expect(await runs.request('job', record?.seq ?? -1)).toContain('Plover Plover')
})

test.for<[string, JournalSettings]>([
  ['another key', { encryption: { key: randomBytes(32) } }],
  ['no key', {}],
])('with %s the run is refused, and nothing happens', async ([, other]) => {
  const done: string[] = []
  await again({ encryption: { key } })
  await work(done)
  const { runs } = await again(other)
  await expect(work(done)).rejects.toMatchObject({ code: 'KEY_WRONG' })
  await expect(runs.entries('job')).rejects.toMatchObject({ code: 'KEY_WRONG' })
  expect(done).toEqual(['DE0212'])
  await again({ encryption: { key } })
  await expect(work(done)).resolves.toContain('receipt 99')
})

test('a new key reads what was written with the old one, and takes it over', async () => {
  const newKey = randomBytes(32).toString('hex')
  await again({ encryption: { key } })
  const first = await work()
  const { runs } = await again({ encryption: { key: newKey, oldKeys: [key] } })
  await expect(runs.rekey()).resolves.toBe(1)
  await expect(runs.find('job')).resolves.toMatchObject({ state: 'completed' })
  await again({ encryption: { key: newKey } })
  await expect(work()).resolves.toBe(first)
  await again({ encryption: { key } })
  await expect(work()).rejects.toMatchObject({ code: 'KEY_WRONG' })
})

test('what was changed in the file, or put in another place, is refused', async () => {
  await again({ encryption: { key } })
  await work()
  await journal.holdfast?.uninstrument()
  const database = new DatabaseSync(journal.path)
  database.exec(`UPDATE journal_entry SET data =
    (SELECT data FROM journal_entry WHERE kind = 'tool-outcome') WHERE kind = 'tool-intent'`)
  database.close()
  await again({ encryption: { key } })
  await expect(work()).rejects.toMatchObject({ code: 'KEY_WRONG' })
})

test('a run that was begun without a key goes on with one', async () => {
  await again()
  const first = await work()
  await again({ encryption: { key } })
  await expect(work()).resolves.toBe(first)
})

test('a key of another length is refused at once', () => {
  expect(() =>
    instrument({ journal: { store: journal.path, encryption: { key: 'short' } } }),
  ).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }))
})
