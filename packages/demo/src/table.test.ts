import { expect, test } from 'vitest'

import type { Attempt } from './attempt.ts'
import { badDays } from './bad-days.ts'
import { plainPaint } from './paint.ts'
import type { AgentRun } from './run-agent.ts'
import { agentTable } from './table.ts'

test('tells what a client did about a failed attempt', () => {
  const rows = tableOf(
    [
      attempt({ atMs: 0, endedAtMs: 5000, failed: true, abandoned: true, shown: 'silence' }),
      attempt({ atMs: 5300, endedAtMs: 5310, failed: true, shown: '503' }),
      attempt({ atMs: 5320, endedAtMs: 5400, provider: 'backup', shown: '200' }),
    ],
    '',
  )
  expect(rows.slice(2, 8).map((row) => row.slice(41))).toEqual([
    '✗  0.0 s  silence',
    '          ↻ given up after 5.0 s',
    '          ↻ again after 0.3 s',
    '✗  5.3 s  503',
    '          ↻ over to the backup',
    '✓  5.3 s  backup: 200',
  ])
})

test('an answer that nobody tried to get again is followed by nothing', () => {
  const rows = tableOf(
    [
      attempt({ atMs: 0, endedAtMs: 10, failed: true, turn: 0, shown: 'cut' }),
      attempt({ atMs: 900, endedAtMs: 950, turn: 1, shown: '200' }),
    ],
    '',
  )
  expect(rows.slice(2, 4).map((row) => row.slice(41))).toEqual(['✗  0.0 s  cut', '✓  0.9 s  200'])
})

test('stays within its width, whatever was said', () => {
  const shown = 'a description that is much longer than half of a terminal is wide'
  const rows = tableOf([attempt({ shown })], 'word '.repeat(200))
  expect(rows.every((row) => row.length <= 80)).toBe(true)
  expect(rows.at(-1)).toMatch(/ …$/)
})

function tableOf(attempts: readonly Attempt[], stdout: string): string[] {
  return agentTable(run(false, [], ''), run(true, attempts, stdout), plainPaint).split('\n')
}

function attempt(known: Partial<Attempt>): Attempt {
  return {
    atMs: 0,
    endedAtMs: 10,
    provider: 'primary',
    turn: 0,
    shown: '200',
    failed: false,
    abandoned: false,
    ...known,
  }
}

function run(holdfast: boolean, attempts: readonly Attempt[], stdout: string): AgentRun {
  const [day] = badDays
  if (day === undefined) throw new Error('no day')
  const end = { atMs: 9000, exitCode: 0, stopped: false, stdout, stderr: '', notes: [] }
  return { day, holdfast, attempts, startedAtMs: 0, durationMs: 9000, end }
}
