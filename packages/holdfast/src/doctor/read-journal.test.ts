import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLab } from '@holdfast/lab'
import { expect, test } from 'vitest'
import { instrument } from '../instrument.ts'
import { tool } from '../tool.ts'
import { readJournal } from './read-journal.ts'

test('the journal shows which tools there are, which ran, and whose the calls were', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-doctor-'))
  await using lab = await startLab({ script: () => ({ text: 'hello' }) })
  const holdfast = instrument({ telemetry: false, journal: { store: join(folder, 'j.db') } })
  const parameters = { type: 'object', properties: { to: {} } }
  const ask = (path: string, body: object) =>
    fetch(`${lab.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }).then((response) => response.text())
  const messages = [{ role: 'user', content: 'hi' }]
  await holdfast.run({ id: 'one', agent: 'clerk' }, async () => {
    await ask('/v1/chat/completions', {
      model: 'm',
      messages,
      tools: [{ type: 'function', function: { name: 'mail', parameters } }],
    })
    await tool({ name: 'look' }, async (_given: object) => 'ok')({})
  })
  await holdfast.run({ id: 'two', user: 'ada' }, () =>
    ask('/v1/messages', {
      model: 'm',
      max_tokens: 9,
      messages,
      tools: [{ name: 'pay', description: 'Pays', input_schema: parameters }],
    }),
  )
  const facts = await readJournal(holdfast.runs as NonNullable<typeof holdfast.runs>)
  await holdfast.uninstrument()
  rmSync(folder, { recursive: true })

  expect(facts.calls).toMatchObject({ calls: 2, withoutUser: 1, withoutAgent: 1 })
  const byName = Object.fromEntries(facts.tools.map((one) => [one.name, one]))
  expect(byName).toMatchObject({
    mail: { ran: 0, parameters },
    look: { ran: 1 },
    pay: { ran: 0, description: 'Pays', parameters },
  })
})
