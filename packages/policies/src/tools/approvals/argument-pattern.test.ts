import { canonicalArguments } from '@holdfast/core'
import { expect, test } from 'vitest'
import { argumentPattern, fits } from './argument-pattern.ts'

const text = (value: unknown) => canonicalArguments(value).text
const like = (value: unknown, members: Record<string, string>) =>
  argumentPattern(text(value), members)

test('without members it is the same arguments alone', () => {
  const pattern = like({ path: '/tmp/a', mode: 'w' }, {})
  expect(fits(pattern, text({ mode: 'w', path: '/tmp/a' }))).toBe(true)
  expect(fits(pattern, text({ mode: 'w', path: '/tmp/b' }))).toBe(false)
})

test.each([
  ['/tmp/*', '/tmp/b', true],
  ['/tmp/*', '/tmp/b.txt', true],
  ['/tmp/*', '/tmp/', false],
  ['/tmp/*', '/tmp/../etc/passwd', false],
  ['/tmp/*', '/tmp/..', false],
  ['/tmp/.*', '/tmp/..', false],
  ['/tmp/*', '/tmp/b/c', false],
  ['/tmp/*', '/tmp/b\u0000', false],
  ['/tmp/*', '/tmp/%2e%2e', false],
  ['git push origin *', 'git push origin main', true],
  ['git push origin *', 'git push origin main; rm -rf /', false],
  ['git push origin *', 'git push origin $(id)', false],
  ['git push origin *', 'git push origin --force', false],
  ['git push origin *', 'git push origin +main', false],
  ['*@example.com', 'bob@example.com', true],
  ['*@example.com', 'bob@evil.com,eve@example.com', false],
  ['*@example.com', 'bob@example.com.evil.com', false],
  ['a*b*c', 'a1b2c', true],
  ['a*b*c', 'abc', false],
  ['a*a', 'a', false],
  ['fixed', 'fixed', true],
  ['fixed', 'other', false],
])('%s against %j: %s', (glob, given, fitting) => {
  const pattern = { text: text({ value: glob }), members: { value: glob } }
  expect(fits(pattern, text({ value: given }))).toBe(fitting)
})

test('members that the pattern does not name have to be equal, and no other ones may come', () => {
  const pattern = like({ path: '/tmp/a', mode: 'w' }, { path: '/tmp/*' })
  expect(fits(pattern, text({ path: '/tmp/b', mode: 'w' }))).toBe(true)
  expect(fits(pattern, text({ path: '/tmp/b', mode: 'a' }))).toBe(false)
  expect(fits(pattern, text({ path: '/tmp/b', mode: 'w', sudo: true }))).toBe(false)
  expect(fits(pattern, text({ path: ['/tmp/b'], mode: 'w' }))).toBe(false)
  expect(fits(pattern, text('/tmp/b'))).toBe(false)
})

test('a pattern that its own arguments do not fit is refused', () => {
  for (const members of [{ path: '/var/*' }, { other: '*' }]) {
    expect(() => like({ path: '/tmp/a' }, members)).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID' }),
    )
  }
})
