import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import OpenAI from 'openai'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { journalForEachTest } from '../journal/journal-for-each-test.ts'

const iban = 'DE89 3704 0044 0532 0130 00'
const journal = journalForEachTest()
let lab: Lab
beforeEach(async () => {
  lab = await startLab({
    script: ({ bodyText }) => ({ text: `Paid from ${/PRIVATE_IBAN_\w{12}/.exec(bodyText)?.[0]}` }),
  })
})
afterEach(() => lab.close())

async function pay(): Promise<string> {
  const client = new OpenAI({ apiKey: 'none', baseURL: lab.baseUrls.openai })
  const messages = [{ role: 'user' as const, content: `Pay from ${iban}` }]
  const { choices } = await client.chat.completions.create({ model: 'm', messages })
  return choices[0]?.message.content ?? ''
}

test.each([
  ['no key', undefined],
  ['a key', { key: Buffer.alloc(32, 7).toString('base64') }],
])(
  'with %s, a run that is gone on with is answered from the journal, with its values',
  async (_, encryption) => {
    const settings = encryption === undefined ? {} : { encryption }
    for (let begun = 0; begun < 2; begun++) {
      const holdfast = await journal.again(settings, { security: true })
      expect(await holdfast.run({ id: 'job', user: 'ada' }, pay)).toBe(`Paid from ${iban}`)
      expect(lab.requests).toHaveLength(1)
    }
    await journal.holdfast?.uninstrument()
    const entries = readdirSync(journal.folder, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile())
    expect(files).not.toHaveLength(0)
    for (const { parentPath, name } of files) {
      const path = join(parentPath, name)
      expect(readFileSync(path).toString('latin1')).not.toContain('3704')
      expect(statSync(path).mode & 0o077).toBe(0)
    }
  },
)
