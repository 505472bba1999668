import { expect, test, vi } from 'vitest'
import { nodeOf } from '../adapters/cells.ts'
import { node } from './run-application.ts'

vi.setConfig({ testTimeout: 60_000 })

const look = (file: string) =>
  `require(${JSON.stringify(file)}).look().then((seen) => console.log(JSON.stringify(seen)))`
const preloaded = ['--import', 'holdfast/auto']

test.each([
  ['holdfast/auto, under --import', '22', [...preloaded, '--eval', look('./required.mjs')]],
  ['holdfast/auto, under --import', '24', [...preloaded, '--eval', look('./required.mjs')]],
  [
    'holdfast/auto, after it was required',
    '22',
    ['--eval', `require('holdfast/auto'); ${look('./required.mjs')}`],
  ],
  [
    'holdfast/auto, after it was required',
    '24',
    ['--eval', `require('holdfast/auto'); ${look('./required.mjs')}`],
  ],
  ['instrument()', '22', ['--eval', look('./required-late.mjs')]],
  ['instrument()', '24', ['--eval', look('./required-late.mjs')]],
])(
  'an ES module with %s is required by Node %s, and what it imports is attached to',
  async (_what, version, args) => {
    const ended = await node(['--no-warnings', ...args], {}, nodeOf(version))
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(ended.stdout)).toEqual({ said: 'Sunny in Rome', seen: ['weather'] })
  },
)

test('one whose import of holdfast/auto has to wait is not required by Node, which says so', async () => {
  const ended = await node(['--no-warnings', '--eval', look('./required.mjs')])
  expect(ended.stderr).toContain('ERR_REQUIRE_ASYNC_MODULE')
})
