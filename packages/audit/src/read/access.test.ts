import { expect, test } from 'vitest'
import type { AuditRow } from '../entry.ts'
import { accessOf } from './access.ts'

const at = (minute: number): string => `2026-11-21T10:${String(minute).padStart(2, '0')}:00.000Z`
let seq = 0
const started = (minute: number, call: string, name: string, more: object = {}): AuditRow => ({
  seq: seq++,
  at: at(minute),
  kind: 'tool-started',
  call,
  name,
  framework: 'langgraph',
  argumentsHash: 'ab',
  agent: 'clerk',
  user: 'ada',
  ...more,
})
const decided = (minute: number, name: string, more: object = {}): AuditRow => ({
  seq: seq++,
  at: at(minute),
  kind: 'decision-made',
  call: 'c',
  policy: 'tools.gate',
  verdict: 'allow',
  enforced: true,
  rule: 'reading-is-fine',
  reason: 'it reads',
  subject: 'tool',
  name,
  agent: 'clerk',
  ...more,
})

const rows: readonly AuditRow[] = [
  {
    seq: 0,
    at: at(0),
    kind: 'configuration-loaded',
    configuration: 'c1',
    rules: ['reading-is-fine', 'no-payments', 'old-mail'],
    permissions: [
      { rule: 'clerks', agents: ['cl*'], tools: ['Read_*', 'pay', 'class:exec'] },
      { rule: 'all', tools: ['class:read-only', 'write_*_file'] },
    ],
  },
  decided(1, 'read_file', { toolClass: 'read-only', data: ['email'] }),
  started(1, 'c1', 'read_file'),
  {
    seq: 9,
    at: at(1),
    kind: 'tool-ended',
    call: 'c1',
    name: 'read_file',
    outcome: 'failed',
    tookMs: 1,
  },
  decided(5, 'arguments', { subject: 'text', call: 'c2', rule: 'restored', data: ['phone'] }),
  started(5, 'c2', 'read_file', { user: 'bob' }),
  decided(6, 'pay', { verdict: 'deny', rule: 'no-payments', toolClass: 'payment', data: ['iban'] }),
  decided(7, 'pay', { verdict: 'deny', rule: 'no-payments', enforced: false }),
  started(8, 'c3', 'read_file', { agent: 'other' }),
]

test('who used which tool and data, how often, and which rules never decided', () => {
  const { tools, data, rules, unusedPermissions, unusedRules } = accessOf(rows)
  expect(tools).toEqual([
    {
      agent: 'clerk',
      tool: 'read_file',
      toolClass: 'read-only',
      runs: 2,
      failed: 1,
      denied: 0,
      asked: 0,
      data: ['email', 'phone'],
      users: 2,
      lastAt: at(5),
    },
    expect.objectContaining({ agent: 'other', tool: 'read_file', runs: 1 }),
    expect.objectContaining({ agent: 'clerk', tool: 'pay', runs: 0, denied: 1, data: ['iban'] }),
  ])
  expect(rules).toEqual([
    { policy: 'tools.gate', rule: 'no-payments', times: 2, lastAt: at(7) },
    { policy: 'tools.gate', rule: 'reading-is-fine', times: 1, lastAt: at(1) },
    { policy: 'tools.gate', rule: 'restored', times: 1, lastAt: at(5) },
  ])
  expect(unusedRules).toEqual(['old-mail'])
  // It was allowed to pay, and refused by another rule.
  expect(unusedPermissions.map(({ rule, tool }) => [rule, tool])).toEqual([
    ['clerks', 'pay'],
    ['clerks', 'class:exec'],
    ['all', 'write_*_file'],
  ])
  expect(data.map(({ agent, kind, times }) => [agent, kind, times])).toEqual([
    ['clerk', 'email', 1],
    ['clerk', 'phone', 1],
    ['clerk', 'iban', 1],
  ])
})

test('of one agent, and since a time', () => {
  expect(accessOf(rows, { agent: 'other' }).tools).toHaveLength(1)
  const { tools, unusedRules } = accessOf(rows, { since: at(5) })
  expect(tools.map(({ tool, runs }) => [tool, runs])).toEqual([
    ['read_file', 1],
    ['read_file', 1],
    ['pay', 0],
  ])
  expect(unusedRules).toEqual(['reading-is-fine', 'old-mail'])
})
