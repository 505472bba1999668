import { Context, createEventActions } from '@google/adk'
import { expect, test } from 'vitest'
import { asksForAnswer, toolResults } from './tool-results.ts'
import type { ToolContext } from './tool-results.ts'

/** What a tool is called with, in a session of that state. */
function contextOf(state: Record<string, unknown>): Context {
  const eventActions = createEventActions()
  const invocationContext = { session: { state }, invocationId: 'i' }
  return new Context({
    invocationContext: invocationContext as never,
    functionCallId: 'call_1',
    eventActions,
  })
}

const asToolContext = (context: Context): ToolContext => context as unknown as ToolContext

test('what a tool asked for is asked for again when its result is restored', () => {
  const before = contextOf({})
  before.state.set('city', 'Rome')
  before.actions.transferToAgent = 'forecaster'
  const stored = toolResults(asToolContext(before)).store({ sky: 'blue' })

  const state: Record<string, unknown> = {}
  const after = contextOf(state)
  const value = toolResults(asToolContext(after)).restore(JSON.parse(JSON.stringify(stored)))
  expect(value).toEqual({ sky: 'blue' })
  expect(after.actions).toMatchObject({
    transferToAgent: 'forecaster',
    stateDelta: { city: 'Rome' },
  })
  expect(state).toEqual({ city: 'Rome' })
})

test('a value alone is stored as any other', () => {
  expect(toolResults(asToolContext(contextOf({}))).store('Sunny')).toBeUndefined()
})

test('a tool that has asked for a confirmation waits for the answer', () => {
  const context = contextOf({})
  expect(asksForAnswer(asToolContext(context))).toBe(false)
  context.requestConfirmation({ hint: 'May I?' })
  expect(asksForAnswer(asToolContext(context))).toBe(true)
})
