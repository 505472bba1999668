import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { faults } from './index.ts'

const manual = readFileSync(new URL('../../../docs/lab.md', import.meta.url), 'utf8')

test('the manual lists every fault as the catalogue has it, and no other', () => {
  const listed = manual.matchAll(/^\| `([\w-]+)` \| (.+) \| (\d+) \| .+ \|$/gm)
  const inManual = Array.from(listed, ([, name, title, row]) => [name, title, Number(row)])
  expect(inManual).toEqual(faults.map(({ name, title, row }) => [name, title, row]))
})
