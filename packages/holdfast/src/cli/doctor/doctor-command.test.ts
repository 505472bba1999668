import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { startLab } from '@holdfast/lab'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { doctorCommand } from './doctor-command.ts'

// Each test starts processes that load everything.
vi.setConfig({ testTimeout: 60_000 })

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-doctor-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Told {
  readonly optionsFrom: string
  readonly calls: { readonly calls: number; readonly withoutUser: number }
  readonly tools: readonly string[]
  readonly findings: readonly { readonly check: string; readonly severity: string }[]
}

async function doctor(...args: string[]) {
  const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], OPENAI_API_KEY: 'sk-canary-4711' }
  const child = spawn(
    process.execPath,
    ['--conditions=@holdfast/source', join(import.meta.dirname, '../main.ts'), 'doctor', ...args],
    { cwd: folder, env },
  )
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.once('exit', resolve)),
  ])
  return { code, stdout, stderr }
}

const tools = [
  {
    type: 'function',
    function: { name: 'delete_account', description: 'Deletes an account', parameters: {} },
  },
]
/** An agent that asks once. */
const agent = (url: string, before: string): string => `
${before}
await fetch('${url}/v1/chat/completions', {
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: 'Bearer sk-canary-4711' },
  body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }], tools: ${JSON.stringify(tools)} }),
}).then((response) => response.text())
console.log('the agent has spoken')
`

test('an application is run for a moment with its own options; what it lacks is said with the line to add', async () => {
  await using lab = await startLab({ script: () => ({ text: 'hello' }) })
  const index = new URL('../../index.ts', import.meta.url).href
  const before = `import { instrument, tool } from '${index}'
instrument({ governance: { caps: { maxCalls: 9 } }, telemetry: false })
await tool({ name: 'frobnicate' }, async () => 'ok')({})`
  writeFileSync(join(folder, 'app.mjs'), agent(lab.url, before))
  const { code, stdout, stderr } = await doctor('--json', '--run', 'app.mjs')
  expect(stderr).toContain('the agent has spoken')
  const told = JSON.parse(stdout) as Told
  expect(told).toMatchObject({
    optionsFrom: 'the application',
    calls: { calls: 1, withoutUser: 1 },
    tools: ['delete_account', 'frobnicate'],
  })
  const found = Object.fromEntries(told.findings.map(({ check, severity }) => [check, severity]))
  expect(found).toMatchObject({
    'enforcing-gate': 'critical',
    'classified-tools': 'warning',
    'retry-semantics': 'warning',
    'strict-schemas': 'warning',
    identity: 'warning',
  })
  // The application's own options, not the doctor's.
  expect(found).not.toHaveProperty('caps')
  expect(code).toBe(1)
  expect(stdout + stderr).not.toContain('canary')
})

test('an application that does not know Holdfast is looked at as with holdfast/auto', async () => {
  await using lab = await startLab({ script: () => ({ text: 'hello' }) })
  writeFileSync(join(folder, 'app.mjs'), agent(lab.url, ''))
  const { stdout } = await doctor('--for', '60s', '--run', 'app.mjs')
  expect(stdout).toMatch(
    /^looked at: options of the application, 1 model call, 1 tool, 1 process\n/,
  )
  expect(stdout).toMatch(
    /\nCRITICAL {2}caps: .*\n {2}seen {2}.*\n {2}add {3}governance: \{ caps: .*\n {8}to instrument/,
  )
})

test('threads are seen beside their process', async () => {
  await using lab = await startLab({ script: () => ({ text: 'hello' }) })
  writeFileSync(join(folder, 'agent.mjs'), agent(lab.url, ''))
  const app = `
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
await Promise.all([1, 2].map(() => once(new Worker('./agent.mjs'), 'exit')))`
  writeFileSync(join(folder, 'app.mjs'), app)
  const { stdout } = await doctor('--for', '60s', '--run', 'app.mjs')
  expect(stdout).toMatch(
    /^looked at: options of the application, 2 model calls, 1 tool, 1 process\n/,
  )
})

test('a child that outlives its application does not care that the doctor has gone', async () => {
  writeFileSync(
    join(folder, 'app.mjs'),
    `import { fork } from 'node:child_process'
fork('./child.mjs', { detached: true, stdio: 'ignore' }).on('message', () => process.exit())`,
  )
  const child = `import { existsSync, writeFileSync } from 'node:fs'
process.send('begun')
while (existsSync(process.env.HOLDFAST_DOCTOR)) await new Promise((later) => setTimeout(later, 20))
// It writes again meanwhile.
setTimeout(() => writeFileSync('lives', ''), 2_000)`
  writeFileSync(join(folder, 'child.mjs'), child)
  await doctor('--run', 'app.mjs')
  await vi.waitFor(() => expect(existsSync(join(folder, 'lives'))).toBe(true), 30_000)
})

test('the clients that an application has loaded are shown to be caught, each by a call of its own', async () => {
  const lab = join(import.meta.dirname, '../../../../lab/node_modules')
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(join(lab, 'openai'), join(folder, 'node_modules/openai'))
  symlinkSync(join(lab, '@anthropic-ai'), join(folder, 'node_modules/@anthropic-ai'))
  const source = `import 'openai'
import { createRequire } from 'node:module'
createRequire(import.meta.url)('@anthropic-ai/sdk')`
  writeFileSync(join(folder, 'app.mjs'), source)
  const { stdout } = await doctor('--run', 'app.mjs')
  expect(stdout).toMatch(/\n {2}caught +@anthropic-ai\/sdk [\d.]+ \(CommonJS\): shown by a call/)
  expect(stdout).toMatch(/\n {2}caught +openai [\d.]+ \(ESM\): shown by a call/)
  expect(stdout).not.toMatch(/GOES BY|bundle/)
})

test('without an application the configuration, the environment and the files are looked at', async () => {
  const nothing = await doctor()
  expect(nothing).toMatchObject({ code: 0, stderr: '' })
  expect(nothing.stdout).toMatch(/^looked at: options of the defaults, 0 model calls, 0 tools\n/)
  expect(nothing.stdout).toMatch(/\n0 critical, \d warnings, 1 piece of advice\n$/)

  writeFileSync(join(folder, 'holdfast.config.json'), '{ "audit": true, "telemetry": false }')
  mkdirSync(join(folder, '.holdfast/audit'), { recursive: true })
  chmodSync(join(folder, '.holdfast/audit'), 0o755)
  for (const name of ['.env.production', '.env.staging']) {
    writeFileSync(join(folder, name), 'OPENAI_API_KEY=sk-canary-4711\n', { mode: 0o600 })
  }
  const { code, stdout } = await doctor()
  expect(code).toBe(1)
  expect(stdout).toMatch(/CRITICAL {2}shared-keys: .*\n.*OPENAI_API_KEY is the same in/)
  expect(stdout).toMatch(/CRITICAL {2}file-modes: .*\n.*\.holdfast\/audit has mode 0755/)
  expect(stdout).not.toContain('canary')
})

test('what is wrong with the command line, or with the application, is said', async () => {
  let stderr = ''
  const io = { stdout: { write: () => {} }, stderr: { write: (said: string) => (stderr += said) } }
  expect(await doctorCommand(['app.mjs'], io)).toBe(2)
  expect(await doctorCommand(['--run'], io)).toBe(2)
  expect(stderr).toMatch(/say --run to start app\.mjs[\s\S]*say which application/)
  const { code, stdout } = await doctor('--run', 'missing.mjs')
  expect(stdout).toContain('\nthe application ended with exit code 1\n')
  expect(code).toBe(2)
})

test('an application that goes on for ever is ended', async () => {
  writeFileSync(join(folder, 'app.mjs'), 'setInterval(() => {}, 1000)')
  // On a busy machine it may not even have begun.
  const { stdout, stderr } = await doctor('--for', '2s', '--run', 'app.mjs')
  expect(stdout + stderr).toMatch(/--for 60s gives it more|ended before it could be looked at/)
})
