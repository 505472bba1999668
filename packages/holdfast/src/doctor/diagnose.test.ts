import { expect, test } from 'vitest'
import { checks, diagnose } from './diagnose.ts'
import type { DoctorFacts, ProcessFacts, SeenTool } from './facts.ts'

const calls = { calls: 4, withoutRun: 0, withoutUser: 0, withoutAgent: 0, withoutPromptVersion: 0 }

/** A set-up in which nothing is missing. */
const good: DoctorFacts = {
  options: {
    tools: { preset: 'guarded', declare: { zorp: { class: 'read-only' } } },
    approvals: { channels: ['terminal'] },
    governance: { caps: { maxTokens: 1_000 } },
    journal: { encryption: { key: 'a key' }, tools: { send_email: 'ask' } },
    audit: { key: 'a key', anchor: '/mnt/heads' },
    store: 'redis://localhost',
    runLog: 'stderr',
  },
  optionsFrom: 'the application',
  environment: new Set(),
  processes: [],
  proofs: [],
  tools: [
    tool('send_email', {
      parameters: {
        type: 'object',
        properties: { to: { type: 'string' } },
        required: ['to'],
        additionalProperties: false,
      },
    }),
    tool('zorp'),
  ],
  calls,
  processCount: 2,
  hasOpenTelemetry: false,
  files: [{ path: '/app/.env', what: 'keys', mode: 0o600, isOurs: false }],
  environmentFiles: [
    { path: '/app/.env.production', environment: 'production', keys: { API_KEY: 'h1' } },
    { path: '/app/.env.staging', environment: 'staging', keys: { API_KEY: 'h2' } },
  ],
}

function tool(name: string, more: Partial<SeenTool> = {}): SeenTool {
  return { name, ran: 1, isDeclared: false, ...more }
}

function without(place: string): Partial<DoctorFacts> {
  return { options: { ...good.options, [place]: undefined } }
}

test('nothing is found where nothing is missing', () => {
  expect(diagnose(good)).toEqual([])
})

test.each<[check: string, severity: string, facts: Partial<DoctorFacts>, seen: RegExp]>([
  ['classified-tools', 'warning', { tools: [tool('frobnicate')] }, /frobnicate/],
  ['retry-semantics', 'warning', { tools: [tool('delete_user')] }, /delete_user/],
  ['strict-schemas', 'warning', { tools: [tool('send_email', { parameters: {} })] }, /additional/],
  ['enforcing-gate', 'critical', without('tools'), /only watches; with an effect are send_email/],
  ['enforcing-gate', 'warning', { ...without('tools'), tools: [] }, /only watches$/],
  ['approval-channels', 'warning', without('approvals'), /channels is empty/],
  ['caps', 'critical', without('governance'), /caps/],
  ['caps', 'warning', { ...without('governance'), calls: { ...calls, calls: 0 } }, /caps/],
  ['shared-store', 'critical', without('store'), /2 processes .* governance\.caps/],
  ['identity', 'warning', { calls: { ...calls, withoutUser: 3 } }, /3 of 4 calls without a user/],
  ['prompt-versions', 'advice', { calls: { ...calls, withoutPromptVersion: 1 } }, /1 of 4/],
  [
    'shared-keys',
    'critical',
    {
      environmentFiles: good.environmentFiles.map((file) => ({ ...file, keys: { KEY: 'same' } })),
    },
    /KEY is the same in \.env\.production and \.env\.staging/,
  ],
  [
    'shared-keys',
    'advice',
    { environment: new Set(['OPENAI_API_KEY']) },
    /permissions\.keys is not set; there is OPENAI_API_KEY/,
  ],
  [
    'file-modes',
    'critical',
    { files: [{ path: '/app/j.db', what: 'the journal', mode: 0o644, isOurs: true }] },
    /j\.db has mode 0644/,
  ],
  ['journal', 'warning', without('journal'), /off/],
  ['journal', 'warning', { options: { ...good.options, journal: true } }, /HOLDFAST_KEY/],
  ['audit-log', 'warning', without('audit'), /off/],
  [
    'audit-log',
    'advice',
    { options: { ...good.options, audit: { key: 'a key' } } },
    /anchor is not set/,
  ],
  ['exported-telemetry', 'warning', without('runLog'), /no OpenTelemetry set-up/],
  [
    'coverage',
    'warning',
    {
      processes: [
        {
          report: {
            active: true,
            caught: [],
            passing: [{ host: 'api.x', path: '/v9', layer: 'http2', why: 'not caught', calls: 1 }],
            adapters: [],
            unseenTools: [],
            bugs: [],
          },
        } as unknown as ProcessFacts,
      ],
    },
    /api\.x\/v9 \(not caught\)/,
  ],
  [
    'coverage',
    'warning',
    {
      processes: [
        {
          report: {
            active: true,
            caught: [],
            passing: [],
            adapters: [],
            unseenTools: [{ tool: 'delete_user', calls: 2, why: 'it is not seen running' }],
            bugs: [],
          },
        } as unknown as ProcessFacts,
      ],
    },
    /^delete_user$/,
  ],
])('%s is told as %s', (check, severity, facts, seen) => {
  const found = diagnose({ ...good, ...facts }).filter((one) => one.check === check)
  expect(found).toMatchObject([{ severity, evidence: seen }])
  expect(found[0]?.add).not.toBe('')
})

test('each check has been seen to find something', () => {
  const nothing: DoctorFacts = {
    ...good,
    options: {},
    tools: [tool('frobnicate', { parameters: {} }), tool('delete_user')],
    calls: { calls: 1, withoutRun: 1, withoutUser: 1, withoutAgent: 1, withoutPromptVersion: 1 },
  }
  const found = new Set(diagnose(nothing).map(({ check }) => check))
  const others = ['approval-channels', 'shared-keys', 'file-modes', 'coverage']
  expect(found).toEqual(new Set(Object.keys(checks).filter((name) => !others.includes(name))))
})
