import { expect, test } from 'vitest'

import { badDays } from './bad-days.ts'
import { dayScript } from './day-script.ts'

const [langgraph] = badDays

test('the same body again is another try of the same turn, a new body is the next turn', () => {
  if (langgraph === undefined) throw new Error('no day')
  const decide = dayScript(langgraph)
  const told = ['first', 'first', 'second', 'second'].map((body) => {
    const { turn, mishap } = decide(body)
    return [turn, mishap?.fault.name]
  })
  expect(told).toEqual([
    [0, 'overloaded'],
    [0, undefined],
    [1, 'cut-before-content'],
    [1, undefined],
  ])
})

test('a question that the day does not foresee meets no mishap', () => {
  if (langgraph === undefined) throw new Error('no day')
  const decide = dayScript(langgraph)
  for (const body of ['first', 'second']) decide(body)
  expect(decide('third')).toEqual({ turn: 2, plan: undefined, mishap: undefined })
})

test('no turn has more mishaps than a call has attempts left after them', () => {
  for (const { turns } of badDays) {
    for (const { mishaps } of turns) expect(mishaps.length).toBeLessThanOrEqual(2)
  }
})
