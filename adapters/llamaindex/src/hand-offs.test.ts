import { expect, test } from 'vitest'
import { handOffs } from './hand-offs.ts'
import type { WorkflowState } from './hand-offs.ts'

test('a hand-off that is restored sets who goes on', () => {
  const stored = handOffs({ nextAgentName: 'forecaster' }).store('Go on, forecaster.')
  const state: WorkflowState = { nextAgentName: null }
  const value = handOffs(state).restore(JSON.parse(JSON.stringify(stored)))
  expect([value, state.nextAgentName]).toEqual(['Go on, forecaster.', 'forecaster'])
})
