import { expect, test } from 'vitest'
import { decidedEnvironment, shownEnvironment } from './shown-environment.ts'

const hashOf = (given: Record<string, string>) => shownEnvironment(given, {}).envHash

test('names are shown, but for what the process has itself', () => {
  expect(shownEnvironment({ B: '1', A_TOKEN: 'x', HOME: '/home' }, { HOME: '/home' })).toEqual({
    env: ['A_TOKEN', 'B'],
    envHash: hashOf({ B: '1' }),
  })
  expect(shownEnvironment({ HOME: '/home' }, { HOME: '/home' })).toEqual({})
  expect(shownEnvironment(undefined)).toEqual({})
})

test.each([
  ['another value', { NODE_OPTIONS: '--a' }, { NODE_OPTIONS: '--b' }],
  ['another name', { A: '1' }, { B: '1' }],
  ['one more', { A: '1' }, { A: '1', B: '' }],
  ["a setting of git's", { GIT_CONFIG_KEY_0: 'user.name' }, { GIT_CONFIG_KEY_0: 'core.pager' }],
  ['a program that asks for a password', { SSH_ASKPASS: '/a' }, { SSH_ASKPASS: '/b' }],
])('%s is another environment', (_what, one, other) => {
  expect(hashOf(one)).not.toBe(hashOf(other))
})

test.each([
  ['a new token', { A: '1', API_TOKEN: 'old' }, { A: '1', API_TOKEN: 'new' }],
  ['a new key', { A: '1', OPENAI_API_KEY: 'old' }, { A: '1', OPENAI_API_KEY: 'new' }],
  ['a new password in an address', { A: 'pg://u:old@host/db' }, { A: 'pg://u:new@host/db' }],
  ['another order', { A: '1', B: '2' }, { B: '2', A: '1' }],
])('%s is the same one', (_what, one, other) => {
  expect(hashOf(one)).toBe(hashOf(other))
})

test('what was taken out is not given, and nothing is put in', () => {
  const given = { A: '1', B: '2', HOME: '/home' }
  const asked = { env: ['A', 'B'] }
  expect(decidedEnvironment(given, asked, { env: ['B', 'LD_PRELOAD'] })).toEqual({
    B: '2',
    HOME: '/home',
  })
  expect(decidedEnvironment(given, asked, {})).toEqual({ HOME: '/home' })
  expect(decidedEnvironment(given, asked, asked)).toEqual(given)
})
