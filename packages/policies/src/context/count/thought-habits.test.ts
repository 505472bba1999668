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
    reported: { elements: 1, features, usage, thoughtTokens: 0 },
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
  const thoughtTokens = habits.since('m', goneOn(false), counted).learn(190)
  expect(thoughtTokens).toBe(60)
  const { reported, ...body } = goneOn(true)
  const next = { ...body, answer: undefined, reported: reported && { ...reported, thoughtTokens } }
  expect(habits.since('m', next, { ...counted, counted: 110 }).tokens).toBe(50)
})
