import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLab } from '@holdfast/lab'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { instrument } from '../../instrument.ts'
import { tool } from '../../tool.ts'
import { runCommand } from '../run-command.ts'

let folder: string
let store: string

// Made up, and right by their check digits.
const iban = 'DE89370400440532013000'
const email = 'ada.canary@example.com'
const providerKey = `sk-proj-${'aB3dE5gH7jK9mN1pQ3sT5vW7'.repeat(2)}T3BlbkFJ${'x7Y9z1A3b5C7d9E1'.repeat(3)}`
const question = `Who? "${email}"\n${providerKey}`

/** A run with one model call, a payment that is done and a mail that was cut off. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-cli-'))
  store = join(folder, 'journal.db')
  await using lab = await startLab({ script: () => ({ text: `The secret is 42, ask ${email}.` }) })
  const holdfast = instrument({ telemetry: false, journal: { store } })
  const pay = tool({ name: 'pay' }, async ({ iban }: { iban: string }) => `paid to ${iban}`)
  const mail = tool({ name: 'mail' }, async (_letter: object) => {
    throw new DOMException('cut short', 'AbortError')
  })
  await holdfast
    .run({ id: 'job', agent: 'clerk', session: 's1', user: 'ada' }, async () => {
      await fetch(`${lab.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer sk-very-secret' },
        body: JSON.stringify({
          model: 'gpt-4o-mini',
          messages: [{ role: 'user', content: question }],
        }),
      }).then((response) => response.text())
      await pay({ iban })
      await mail({})
    })
    .catch(() => {})
  await holdfast.uninstrument()
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function said(...args: string[]) {
  return saidOf(...args, '--store', store)
}

async function saidOf(...args: string[]) {
  let stdout = ''
  let stderr = ''
  const code = await runCommand(args, {
    stdout: { write: (text: string) => (stdout += text) } as never,
    stderr: { write: (text: string) => (stderr += text) } as never,
  })
  return { code, stdout, stderr }
}

test('runs lists them with what is in doubt', async () => {
  const { code, stdout } = await said('runs', '--agent', 'clerk')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^run +state +agent +session +began +models +tools/)
  expect(stdout).toMatch(/\njob +failed +clerk +s1 +[\d: -]+ 1 +1 +1 in doubt\n$/)
  expect((await said('runs', '--state', 'waiting')).stdout).toBe('no runs\n')
})

test('show tells the course of a run, and what was said only when asked', async () => {
  const { stdout } = await said('show', 'job')
  expect(stdout).toMatch(/model +gpt-4o-mini .* in, .* out, \$0\.0/)
  expect(stdout).toMatch(/tool +pay/)
  expect(stdout).toMatch(/tool +mail +IN DOUBT/)
  expect(stdout).toContain("in doubt: holdfast resolve 'job#")
  expect(stdout).not.toMatch(/secret is|DE89/)
  const { stdout: full } = await said('show', 'job', '--content')
  expect(full).toMatch(/The secret is 42/)
  expect(full).toContain(iban)
})

test('an exported run can be read by others: what must not be seen is taken out of it', async () => {
  const { stdout: text, stderr } = await said('export', 'job')
  expect(text).toContain('"name":"pay"')
  expect(text).toContain('The secret is 42, ask [pii.email].')
  expect(text).toContain('paid to [pii.iban]')
  expect(text).not.toContain('"ada"')
  expect(stderr).toContain('names and stories are not')
  // Also not in the bytes of a reply, which would be base64.
  const everything = text + Buffer.from(text.replaceAll(/[^\w+/=]/g, ''), 'base64').toString()
  for (const canary of [iban, email, providerKey, 'sk-very-secret', 'ada.canary', '37040044']) {
    expect(everything).not.toContain(canary)
  }

  const file = join(folder, 'redacted.jsonl')
  writeFileSync(file, text)
  expect((await said('import', file, '--as', 'looked at')).stdout).toBe('run looked at\n')
  expect((await said('show', 'looked at', '--content')).stdout).toContain('The secret is 42')
  const holdfast = instrument({ telemetry: false, journal: { store } })
  const asked = tool({ name: 'pay' }, async (_to: object) => 'paid again')
  await expect(holdfast.run({ id: 'looked at' }, () => asked({ iban }))).rejects.toMatchObject({
    code: 'RUN_DIVERGED',
  })
  await holdfast.uninstrument()
})

test('a run exported in full comes back as it was', async () => {
  const file = join(folder, 'job.jsonl')
  const { stderr } = await said('export', 'job', file, '--full')
  expect(stderr).toContain('handle with care')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readFileSync(file, 'utf8')).not.toContain('sk-very-secret')

  expect((await said('import', file)).stderr).toContain('there is a run job already')
  expect((await said('import', file, '--as', 'copy')).stdout).toBe('run copy\n')

  const [one, other] = await Promise.all([
    said('show', 'job', '--content'),
    said('show', 'copy', '--content'),
  ])
  const calls = (text: string) =>
    text
      .split('\n')
      .slice(1)
      .join('\n')
      .replaceAll(/\+[\d.-]+ s|copy|job/g, '')
  expect(calls(other.stdout).replaceAll(/ +/g, ' ')).toBe(calls(one.stdout).replaceAll(/ +/g, ' '))
})

test('replay --live asks another model with another system prompt, and shows both answers', async () => {
  await using lab = await startLab({ script: () => ({ text: 'There is no secret.' }) })
  const system = join(folder, 'system.txt')
  writeFileSync(system, 'Say nothing.')
  vi.stubEnv('OPENAI_API_KEY', 'sk-other')
  const asked = ['--model', 'gpt-other', '--system', system, '--base-url', `${lab.url}/v1`]

  const { code, stdout } = await said('replay', 'job', '--live', ...asked)

  expect(code).toBe(0)
  expect(stdout).toMatch(
    /1 of 1 {2}gpt-4o-mini \| gpt-other\nThe secret is 42, ask ada\.canary@example\.com\. +\| There is no secret\.\n/,
  )
  expect(stdout).toMatch(/\n1 of 1 answers differ\n$/)
  expect(lab.requests[0]?.body).toEqual({
    model: 'gpt-other',
    messages: [
      { role: 'system', content: 'Say nothing.' },
      { role: 'user', content: question },
    ],
  })
  vi.stubEnv('OPENAI_API_KEY', '')
  expect((await said('replay', 'job', '--live')).stderr).toContain('OPENAI_API_KEY is not set')
  vi.unstubAllEnvs()
})

test('replay --live asks Gemini again, whose model stands in the address', async () => {
  await using lab = await startLab({ script: () => ({ text: 'Blue.' }) })
  const path = join(folder, 'gemini.db')
  const holdfast = instrument({
    telemetry: {
      prices: { 'gemini-2.5-flash': { inputUsdPerMillion: 1, outputUsdPerMillion: 2 } },
    },
    journal: { store: path },
  })
  await holdfast.run({ id: 'g' }, () =>
    fetch(`${lab.url}/v1beta/models/gemini-2.5-flash:generateContent`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Which?' }] }] }),
    }).then((response) => response.text()),
  )
  const [entry] = (await holdfast.runs?.entries('g')) ?? []
  await holdfast.uninstrument()
  // What it cost is known then, and kept.
  expect(entry?.kind === 'llm' && (entry.data.costUsd ?? 0)).toBeGreaterThan(0)

  vi.stubEnv('GEMINI_API_KEY', 'other')
  const asked = ['--live', '--model', 'gemini-2.5-pro', '--base-url', lab.url, '--store', path]
  const { code, stdout, stderr } = await saidOf('replay', 'g', ...asked)
  vi.unstubAllEnvs()

  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain('gemini-2.5-flash | gemini-2.5-pro')
  expect(stdout).toContain('0 of 1 answers differ')
  expect(lab.requests[1]?.path).toContain('/v1beta/models/gemini-2.5-pro:generateContent')
})

test('an effect is settled from the command line', async () => {
  const id = /resolve '([^']+)'/.exec((await said('show', 'job')).stdout)?.[1] ?? ''
  expect((await said('resolve', id, 'perhaps')).stderr).toContain('say done, again or skip')
  const { code } = await said('resolve', id, 'done', '"sent"')
  expect(code).toBe(0)
  const { stdout } = await said('show', 'job')
  expect(stdout).toContain('done, by person')
  expect(stdout).not.toContain('IN DOUBT')
  expect((await said('resolve', id, 'again')).stderr).toContain('no effect')
})

test('old runs are forgotten', async () => {
  expect((await said('prune')).stderr).toContain('--older-than is missing')
  expect((await said('prune', '--older-than', 'soon')).stderr).toContain('no duration')
  expect((await said('prune', '--older-than', '1d')).stdout).toBe('0 runs forgotten\n')
  expect((await said('prune', '--older-than', '0s', '--unfinished')).stdout).toBe(
    '3 runs forgotten\n',
  )
  expect((await said('runs')).stdout).toBe('no runs\n')
})

test('what does not exist is said', async () => {
  expect(await said('show', 'nobody')).toMatchObject({
    code: 1,
    stderr: 'holdfast show: [OPTIONS_INVALID] there is no run nobody\n',
  })
  expect(await said('show')).toMatchObject({ code: 2 })
})
