import { expect, test } from 'vitest'

import type { AgentEnd } from './agent-process.ts'
import { badDays } from './bad-days.ts'
import type { AgentRun } from './run-agent.ts'
import { verdict } from './verdict.ts'

test('an exit code of 0 is no answer where the facts are missing', () => {
  expect(verdict(run({ stdout: 'Let me look that up.' }))).toMatchObject({
    finished: false,
    shown: 'no answer, but exit code 0',
  })
})

test('an answer with all facts is finished', () => {
  expect(verdict(run({ stdout: 'It arrives on Thursday by 14:00.' })).finished).toBe(true)
})

test('an answer before an error is not finished, and the error is told', () => {
  const stderr = 'file.ts:3\nthrow x\n\nRateLimitError: 429 slow down\n    at x\n\nNode.js v24\n'
  expect(verdict(run({ stdout: 'Thursday 14:00', stderr, exitCode: 1 }))).toEqual({
    finished: false,
    shown: 'fails: 429 slow down',
  })
})

test('whoever had to be stopped hangs', () => {
  expect(verdict(run({ stdout: 'Thursday 14:00', stopped: true, exitCode: null }))).toEqual({
    finished: false,
    shown: 'hangs: stopped after 15.0 s',
  })
})

function run(end: Partial<AgentEnd>): AgentRun {
  const [day] = badDays
  if (day === undefined) throw new Error('no day')
  return {
    day,
    holdfast: false,
    attempts: [],
    startedAtMs: 0,
    durationMs: 15_000,
    end: { atMs: 15_000, exitCode: 0, stopped: false, stdout: '', stderr: '', notes: [], ...end },
  }
}
