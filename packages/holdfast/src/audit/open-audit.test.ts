import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PolicyDecision } from '@holdfast/core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { instrument } from '../instrument.ts'
import { tool } from '../tool.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-audit-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

function rows(): Record<string, unknown>[] {
  return readdirSync(folder)
    .toSorted()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

const decision: PolicyDecision = {
  policy: 'test.gate',
  verdict: 'ask',
  enforced: true,
  rule: 'payments-are-asked',
  version: '7',
  reason: 'it moves money',
  subject: { kind: 'tool', name: 'pay', toolClass: 'payment', data: ['iban'] },
  callId: 'call-1',
  run: undefined,
}

test('who decided what, which rules held and which tools ran stand in the log, and nothing that was said', async () => {
  const holdfast = instrument({
    telemetry: false,
    audit: { folder },
    ignoreHosts: ['example.com'],
    interceptors: {
      tool: [
        async (call, next) => {
          const { run, id } = call
          call.emit({ type: 'decision-made', decision: { ...decision, run, callId: id } })
          return next(call)
        },
      ],
    },
  })
  const pay = tool({ name: 'pay' }, async ({ iban }: { iban: string }) => {
    // Its row is there before the tool runs.
    expect(rows().at(-1)).toMatchObject({ kind: 'tool-started', name: 'pay' })
    if (iban === 'DE03') throw new TypeError('no such account DE03')
    return `paid to ${iban}`
  })
  await holdfast.run({ id: 'job', agent: 'clerk', user: 'u-17', tenant: 'acme' }, async () => {
    await pay({ iban: 'DE02' })
    await pay({ iban: 'DE03' }).catch(() => {})
  })
  await holdfast.uninstrument()

  // The gate of the house decides, too.
  const written = rows().filter(({ policy = 'test.gate' }) => policy === 'test.gate')
  expect(written.map(({ kind }) => kind)).toEqual([
    'segment-opened',
    'configuration-loaded',
    'decision-made',
    'tool-started',
    'tool-ended',
    'decision-made',
    'tool-started',
    'tool-ended',
    'segment-closed',
  ])
  const [, , decided, started, ended] = written
  const who = { tenant: 'acme', user: 'u-17', agent: 'clerk', run: 'job' }
  expect(decided).toMatchObject({
    ...who,
    policy: 'test.gate',
    verdict: 'ask',
    enforced: true,
    rule: 'payments-are-asked',
    version: '7',
    reason: 'it moves money',
    name: 'pay',
    toolClass: 'payment',
    data: ['iban'],
  })
  expect(started).toMatchObject({ ...who, name: 'pay', argumentsHash: /^[\da-f]{64}$/ })
  expect(ended).toMatchObject({ name: 'pay', outcome: 'done', call: started?.['call'] })
  expect(written[7]).toMatchObject({ outcome: 'failed', error: 'TypeError' })
  expect(JSON.stringify(written)).not.toMatch(/DE0[23]/)
})

test('a tool is not run where its row cannot be written, unless the options say so', async () => {
  const gone = join(folder, 'gone')
  let ran = 0
  const look = tool({ name: 'look' }, async () => ++ran)
  for (const onFailure of ['closed', 'open'] as const) {
    const holdfast = instrument({
      telemetry: false,
      // Each row begins a new file, which cannot be made in a folder that is gone.
      audit: { folder: gone, maxFileBytes: 4_096, onFailure },
    })
    const long = 'x'.repeat(250)
    await holdfast.run({ agent: long, user: long, tenant: long, session: long }, async () => {
      await look()
      rmSync(gone, { recursive: true })
      const before = ran
      const refusals: unknown[] = []
      for (let count = 0; count < 10; count++) {
        await look().catch((error: unknown) => refusals.push(error))
      }
      if (onFailure === 'closed') {
        expect(refusals).toContainEqual(expect.objectContaining({ code: 'AUDIT_UNUSABLE' }))
        expect(ran).toBeLessThan(before + 10)
      } else {
        expect(refusals).toEqual([])
        expect(holdfast.report().bugs).toContainEqual(expect.objectContaining({ where: 'audit' }))
      }
    })
    await holdfast.uninstrument()
  }
})

test('the version of the rules is another one when a rule is, and never when a key is', async () => {
  const versionOf = async (options: object): Promise<unknown> => {
    rmSync(folder, { recursive: true, force: true })
    const holdfast = instrument({ telemetry: false, audit: { folder }, ...options })
    await holdfast.uninstrument()
    return rows().find(({ kind }) => kind === 'configuration-loaded')?.['configuration']
  }
  const to = (more: object) => ({
    reliability: { fallback: { to: [{ model: 'm', baseUrl: 'http://127.0.0.1:1', ...more }] } },
  })
  const first = await versionOf(to({ apiKey: 'sk-one' }))
  expect(await versionOf(to({ apiKey: 'sk-two' }))).toBe(first)
  expect(await versionOf(to({ apiKey: 'sk-one', model: 'other' }))).not.toBe(first)
})

test('rules and permissions that somebody wrote down are in the log by their names', async () => {
  const holdfast = instrument({
    telemetry: false,
    audit: { folder },
    tools: {
      rules: [{ name: 'no-payments', class: 'payment', verdict: 'deny' }],
      flows: [{ name: 'no-mail-after-secrets', after: { tool: 'secret' }, deny: { tool: 'mail' } }],
    },
    security: {
      permissions: {
        rules: [
          { name: 'clerks', agent: 'clerk', tools: { allow: ['read_*'] } },
          { name: 'no-big-models', models: { deny: ['gpt-5*'] } },
        ],
      },
    },
  })
  await holdfast.uninstrument()
  expect(rows().find(({ kind }) => kind === 'configuration-loaded')).toMatchObject({
    rules: ['no-payments', 'no-mail-after-secrets', 'permissions.no-big-models'],
    permissions: [{ rule: 'clerks', agents: ['clerk'], tools: ['read_*'] }],
  })
})

test('HOLDFAST_AUDIT and HOLDFAST_AUDIT_KEY turn it on without a line of code', async () => {
  vi.stubEnv('HOLDFAST_AUDIT', join(folder, 'deep'))
  vi.stubEnv('HOLDFAST_AUDIT_KEY', 'ab'.repeat(32))
  await instrument({ telemetry: false }).uninstrument()
  expect(statSync(join(folder, 'deep')).mode & 0o777).toBe(0o700)
  const [name = ''] = readdirSync(join(folder, 'deep'))
  expect(readFileSync(join(folder, 'deep', name), 'utf8')).toMatch(/"mac":"[\da-f]{64}"/)
})
