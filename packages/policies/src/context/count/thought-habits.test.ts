import { expect, test } from 'vitest'
import type { CountedBody } from './prefix-counts.ts'
import { ThoughtHabits } from './thought-habits.ts'

/** 100 tokens were reported; the answer had 80, 60 of them thoughts; a result or a message of 10 came after it. */
function goneOn(isNewTurn: boolean): CountedBody {
  const features = {
    text: 0,
    messages: 0,
    calls: 0,
    results: 0,
    tools: 0,
    declarations: 0,
    isForced: false,
    schema: 0,
    thinks: false,
  }
  const usage = { inputTokens: 100, outputTokens: 80, reasoningTokens: 60 }
  return {
    features,
    reported: { elements: 1, features, usage, thoughts: { counted: 0, resting: 0 } },
    isOwn: true,
    isPlain: false,
    answer: { text: 20, calls: 0, elements: 1, hasThoughts: true },
    isNewTurn,
    report() {},
  }
}

const counted = { counted: 130, countedBefore: 100, answered: 20, isExact: true }

test('thoughts count until the next message of the user, unless reports say otherwise', () => {
  const habits = new ThoughtHabits()
  expect(habits.since('m', goneOn(false), counted).tokens).toBe(190)
  expect(habits.since('m', goneOn(true), counted).tokens).toBe(130)
  for (let report = 0; report < 2; report++) {
    habits.since('m', goneOn(false), counted).learn(131)
    habits.since('m', goneOn(true), counted).learn(189)
  }
  expect(habits.since('m', goneOn(false), counted).tokens).toBe(130)
  expect(habits.since('m', goneOn(true), counted).tokens).toBe(190)
  expect(habits.since('another', goneOn(false), counted).tokens).toBe(190)
})

test('what was counted as thoughts of a turn goes with it', () => {
  const habits = new ThoughtHabits()
  const thoughts = habits.since('m', goneOn(false), counted).learn(190)
  expect(thoughts).toEqual({ counted: 60, resting: 0 })
  const { reported, ...body } = goneOn(true)
  const next = { ...body, answer: undefined, reported: reported && { ...reported, thoughts } }
  const since = habits.since('m', next, { ...counted, counted: 110 })
  expect(since.tokens).toBe(50)
  expect(since.learn(50)).toEqual({ counted: 0, resting: 60 })
})

test('thoughts of earlier turns count again when tools answer, where reports say so', () => {
  const habits = new ThoughtHabits()
  const { reported, ...body } = goneOn(false)
  const thoughts = { counted: 0, resting: 40 }
  const next = { ...body, reported: reported && { ...reported, thoughts } }
  const since = habits.since('m', next, counted)
  expect(since.tokens).toBe(190)
  expect(since.learn(231)).toEqual({ counted: 100, resting: 0 })
  expect(habits.since('m', next, counted).tokens).toBe(230)
  expect(habits.since('m', next, counted).learn(189)).toEqual({ counted: 60, resting: 40 })
  expect(habits.since('m', next, counted).tokens).toBe(190)
})
