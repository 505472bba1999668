import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { PolicyVerdict } from '@holdfast/core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { instrument } from '../../instrument.ts'
import { tool } from '../../tool.ts'
import { runCommand } from '../run-command.ts'

let root: string
let folder: string
let anchor: string

/** A run in which mail was read, a payment was refused and a tool with a bad name ran. */
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-cli-'))
  folder = join(root, 'audit')
  anchor = join(root, 'heads')
  vi.stubEnv('HOLDFAST_AUDIT_KEY', 'ab'.repeat(32))
  const holdfast = instrument({
    telemetry: false,
    audit: { folder, anchor },
    interceptors: {
      tool: [
        (call, next) => {
          const isPayment = call.name === 'pay'
          const verdict: PolicyVerdict = isPayment ? 'deny' : 'allow'
          const decision = {
            policy: 'test.gate',
            verdict,
            enforced: true,
            callId: call.id,
            run: call.run,
            ...(isPayment
              ? { rule: 'no-payments', reason: 'it moves money' }
              : { rule: 'reading', reason: 'it only reads' }),
            subject: {
              kind: 'tool' as const,
              name: call.name,
              ...(isPayment ? { toolClass: 'payment', data: ['iban'] } : { data: ['email'] }),
            },
          }
          call.emit({ type: 'decision-made', decision })
          return isPayment ? Promise.resolve({ value: 'no' }) : next(call)
        },
      ],
    },
  })
  const toolOf = (name: string) => tool({ name }, async (_given: object) => 'ok')
  await holdfast.run({ id: 'job', agent: 'clerk', user: 'ada' }, async () => {
    await toolOf('read_mail')({})
    await toolOf('read_mail')({})
    await toolOf('pay')({ iban: 'DE02' })
    await toolOf('evil\u001b[2J')({})
  })
  await holdfast.uninstrument()
})

afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(root, { recursive: true, force: true })
})

async function said(...args: string[]) {
  let stdout = ''
  let stderr = ''
  const code = await runCommand(['audit', ...args, '--folder', folder], {
    stdout: { write: (text: string) => (stdout += text) } as never,
    stderr: { write: (text: string) => (stderr += text) } as never,
  })
  return { code, stdout, stderr }
}

test('verify says that nothing was changed, or what and where', async () => {
  const good = await said('verify', '--anchor', anchor)
  expect(good).toMatchObject({ code: 0, stderr: '' })
  expect(good.stdout).toMatch(/: 1 process, (\d+) rows, \1 signed, 2 heads\nnothing was changed\n$/)
  const file = join(folder, readdirSync(folder)[0] ?? '')
  const before = readFileSync(file, 'utf8')
  writeFileSync(file, before.replace('it moves money', 'it moves honey'))
  const bad = await said('verify', '--anchor', anchor)
  expect(bad.code).toBe(1)
  const line = before.slice(0, before.indexOf('it moves money')).split('\n').length
  expect(bad.stdout).toContain(
    `row-changed  ${basename(file)}:${line}  row ${line - 1} was changed`,
  )
  expect(bad.stdout).toMatch(/1 thing is not as it was written\n$/)
  const report = JSON.parse((await said('verify', '--json')).stdout) as { findings: unknown[] }
  expect(report.findings).toHaveLength(1)
  writeFileSync(file, before)
})

test('access says which agent used which tool and data', async () => {
  const { stdout } = await said('access', '--since', '1h')
  expect(stdout).toMatch(
    /^agent +tool +class +ran +failed +denied +asked +data +users +last\nclerk +read_mail +(?:\S+ +)?2 +0 +0 +0 +email +1 +\d{4}-/,
  )
  expect(stdout).toMatch(/\nclerk +pay +payment +0 +0 +1 +0 +iban +1 /)
  expect(stdout).toMatch(/\nno-payments +test\.gate +1 /)
  expect((await said('access', '--agent', 'nobody')).stdout).toBe('nothing was used\n')
})

test('ls and show tell what was decided, with nothing that a terminal would obey', async () => {
  const { stdout } = await said('ls', '--policy', 'test.*', '--verdict', 'deny')
  expect(stdout).toMatch(
    /^time +what +tool or text +agent +user +rule +why\n[\d-]+ [\d:]+ +deny +pay +clerk +ada +no-payments +it moves money\n$/,
  )
  expect((await said('ls', '--limit', '2')).stdout).toMatch(/\d older ones: --limit \d+\n$/)
  const all = (await said('ls')).stdout
  expect(all).toContain(String.raw`evil\u001b[2J`)
  expect(all).not.toContain('\u001b')
  const shown = (await said('show', 'job')).stdout
  expect(shown).toMatch(/decision-made.*\n(?: {2}.*\n)* {2}rule +no-payments\n/)
  expect(shown).not.toContain('DE02')
})

test('what is wrong with the command line is said', async () => {
  expect(await said('veryfy')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('commands: verify, access, ls, show') as string,
  })
  expect(await said('show', 'nobody')).toMatchObject({ code: 1 })
  expect((await said('ls', '--since', 'yesterday')).stderr).toContain('is no time')
})
