import { expect, test } from 'vitest'
import { cells } from './cell.ts'
import { readCommandLine } from './command-line.ts'

test('what is named twice is killed once: two runs of one name would take each other for lost', () => {
  const { part } = readCommandLine([
    '--only',
    'agent=openai,agent=openai',
    '--only',
    'store=sqlite,store=sqlite',
  ])
  expect(cells(part)).toEqual(cells({ agent: ['openai'], store: ['sqlite'] }))
})

test('what nobody knows is refused with what is allowed', () => {
  expect(() => readCommandLine(['--only', 'agent=nobody'])).toThrow('agent is one of openai, ')
  expect(() => readCommandLine(['--only', 'colour=red'])).toThrow('--only takes agent=, reply=, ')
})
