import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { deadPort, startLab } from '@holdfast/lab'
import { describe, expect, test, vi } from 'vitest'
import { leaksIn, plant } from './canaries.ts'
import type { Canaries } from './canaries.ts'
import { startCollector } from './collector.ts'
import { startEchoingProvider } from './echoing-provider.ts'

const { keys, personal } = plant()
const all = { ...keys, ...personal }

test('a canary is found in every form that would give it away', () => {
  const key = keys['openaiKey'] ?? ''
  const forms = [
    key,
    encodeURIComponent(`?k=${key}&`),
    Buffer.from(`x${key}`).toString('base64'),
    Buffer.from(`Bearer ${key}`).toString('base64url'),
    Buffer.from(key).toString('hex'),
    `${key.slice(0, 9)}\n${key.slice(9, 20)}", "${key.slice(20)}`,
    `…${key.slice(key.length / 2)}`,
    JSON.stringify({ deep: JSON.stringify(`${key.slice(0, 12)}\n${key.slice(12)}`) }),
  ]
  for (const form of forms) expect(leaksIn(`before ${form} after`, { key })).toHaveLength(1)
  expect(leaksIn(`before ${plant().keys['openaiKey']} after`, { key })).toEqual([])
})

describe.each([
  { security: 'on', encrypted: true },
  { security: 'off', encrypted: false },
])('with security $security, the journal encrypted: $encrypted', ({ security, encrypted }) => {
  test('no key and no personal data in what is written for people, and none in what is printed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-canaries-'))
    await using lab = await startLab({
      script: ({ path, streaming }) =>
        path.startsWith('/stalled')
          ? { fault: streaming ? 'stall-mid-stream' : 'header-stall' }
          : { text: `Dear ${all['answerEmail']}, it is ${all['answer']}.` },
    })
    await using echo = await startEchoingProvider()
    await using collector = await startCollector()
    const dead = await deadPort()
    const places = {
      HOLDFAST_JOURNAL: join(folder, 'journal.db'),
      HOLDFAST_AUDIT: join(folder, 'audit'),
      HOLDFAST_AUDIT_KEY: 'ab'.repeat(32),
      HOLDFAST_KEY: encrypted ? 'cd'.repeat(32) : '',
    }
    const environment = {
      ...places,
      ANCHOR: join(folder, 'heads'),
      COLLECTOR: collector.url,
      SECURITY: security,
      CRASH: 'yes',
      SHORT: '',
      JOB: JSON.stringify({ lab: lab.url, echo: echo.url, dead, canaries: all }),
      OPENAI_API_KEY: keys['openaiKey'],
      ANTHROPIC_API_KEY: keys['anthropicKey'],
      DATABASE_URL: `postgres://app:${keys['databasePassword']}@db/app`,
    }

    const application = join(import.meta.dirname, 'fixtures', 'application.ts')
    const child = spawn(process.execPath, ['--conditions=@holdfast/source', application], {
      env: { PATH: process.env['PATH'], ...environment },
    })
    const exited = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>
    const [stdout, stderr] = await Promise.all([buffer(child.stdout), buffer(child.stderr)])
    expect(await exited, stderr.toString()).toEqual([null, 'SIGKILL'])

    const outputs: Record<string, Buffer | string> = {
      stdout,
      stderr,
      spans: collector.received(),
      heads: readFileSync(environment.ANCHOR),
    }
    for (const name of readdirSync(places.HOLDFAST_AUDIT)) {
      outputs[`audit ${name}`] = readFileSync(join(places.HOLDFAST_AUDIT, name))
    }
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
    vi.stubEnv('SHORT', 'yes')
    vi.stubEnv('CRASH', 'no')
    vi.stubEnv('HOLDFAST_JOURNAL', places.HOLDFAST_JOURNAL)
    for (const command of [
      ['runs', '--limit', '50'],
      ...['good', 'bad-401', 'bad-403', 'bad-stream', 'stalled', 'dead', 'thrown', 'cut'].flatMap(
        (run) => [
          ['show', run],
          ['export', run],
        ],
      ),
      ['audit', 'verify', '--anchor', environment.ANCHOR, '--json'],
      ['audit', 'ls', '--limit', '500'],
      ['audit', 'ls', '--json', '--limit', '500'],
      ['audit', 'show', 'good'],
      ['audit', 'access'],
      ['doctor'],
      ['doctor', '--json'],
    ]) {
      outputs[`holdfast ${command.join(' ')}`] = await said(command)
    }
    if (encrypted) {
      // The application under the doctor's eyes, with a journal of its own.
      vi.stubEnv('HOLDFAST_JOURNAL', join(folder, 'second.db'))
      const watched = await said(['doctor', '--json', '--for', '60s', '--run', application])
      expect(watched).toContain('lookup_customer')
      outputs['holdfast doctor --run'] = watched
    }
    vi.unstubAllEnvs()

    // What was looked at is really there.
    expect(String(outputs['stdout'])).toMatch(/CALL_TIMED_OUT|STREAM_STALLED/)
    expect(String(outputs['stderr'])).toContain('"event":"run-end"')
    expect(collector.paths).toEqual(new Set(['/v1/traces', '/v1/metrics']))
    expect(String(outputs['spans'])).toContain('lookup_customer')
    expect(outputs['holdfast show good']).toContain('lookup_customer')
    expect(outputs['holdfast export good']).toContain('lookup_customer')
    expect(outputs['holdfast show cut']).toContain('IN DOUBT')
    expect(outputs['holdfast audit ls --limit 500']).toContain('lookup_customer')

    const leaks = Object.entries(outputs).flatMap(([name, output]) =>
      leaksIn(output, all).map((leak) => `${name}: ${leak}`),
    )
    expect(leaks).toEqual([])

    // What an SDK sends beside the request itself stands nowhere at all; nothing does where it is encrypted.
    const { openaiKey, anthropicKey, geminiKey, header, cookie, query, databasePassword } = keys
    const never = { openaiKey, anthropicKey, geminiKey, header, cookie, query, databasePassword }
    const stored = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => join(file.parentPath, file.name))
      .filter((file) => file.includes('.db'))
    for (const file of stored) {
      expect(leaksIn(readFileSync(file), encrypted ? all : (never as Canaries)), file).toEqual([])
    }
    rmSync(folder, { recursive: true, force: true })
  }, 120_000)
})

/** What a command prints, on stdout and stderr. */
async function said(args: readonly string[]): Promise<string> {
  const file = join(import.meta.dirname, '../../packages/holdfast/src/cli/run-command.ts')
  const { runCommand } = (await import(pathToFileURL(file).href)) as {
    readonly runCommand: (args: readonly string[], io: object) => Promise<number>
  }
  let text = ''
  const output = { write: (piece: string) => (text += piece) }
  await runCommand(args, { stdout: output, stderr: output })
  return text
}
