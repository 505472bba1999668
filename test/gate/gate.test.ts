import { afterAll, beforeAll, expect, test } from 'vitest'
import { attacksFolder } from './cases.ts'
import { holds, judge } from './judge.ts'
import { type Subjects, subjects } from './subjects.ts'

let all: Subjects
beforeAll(async () => {
  all = await subjects()
})
afterAll(() => all.close())

const folder = attacksFolder()

test.skipIf(folder === undefined)(
  'every set holds what is asked of it',
  { timeout: 120_000 },
  async () => {
    const { scores } = await judge(folder ?? '', all)
    expect(scores.length).toBe(16)
    expect(scores.filter((score) => !holds(score))).toEqual([])
  },
)

test('a score holds from its share on, and an empty one never', () => {
  expect(holds({ name: 'x', right: 199, of: 200, atLeast: 0.995 })).toBe(true)
  expect(holds({ name: 'x', right: 198, of: 200, atLeast: 0.995 })).toBe(false)
  expect(holds({ name: 'x', right: 0, of: 0, atLeast: 0 })).toBe(false)
})

test('each subject tells harm from no harm', async () => {
  expect([all.shell('rm -rf /'), all.shell('ls')]).toEqual([true, false])
  expect([all.path('../x'), all.path('src/index.ts')]).toEqual([true, false])
  expect([all.path('link-to-root/etc/passwd'), all.path('/workspace/src')]).toEqual([true, false])
  expect([all.sql('DROP TABLE x'), all.sql('SELECT 1')]).toEqual([true, false])
  expect([all.secret('postgres://a:Zx9qLm2Kp@h/d'), all.secret('hello')]).toEqual([true, false])
  expect([all.personalData('DE89 3704 0044 0532 0130 00'), all.personalData('hello')]).toEqual([
    true,
    false,
  ])
  expect([all.injection('[INST] x [/INST]', false), all.injection('hello', false)]).toEqual([
    true,
    false,
  ])
  expect(await all.resolvedUrl('http://unlisted.10.0.0.1.example.org/')).toBe(true)
  expect(await all.resolvedUrl('https://example.org/')).toBe(false)
  expect(all.toolClass('{"name":"bash","description":"","parameters":{}}')).toBe('exec')
})
