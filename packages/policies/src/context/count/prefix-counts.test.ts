import { expect, test } from 'vitest'
import { PrefixCounts } from './prefix-counts.ts'
import type { PieceCounter } from './prefix-counts.ts'

const none = {
  text: 0,
  tools: 0,
  declarations: 0,
  isForced: false,
  schema: 0,
  thinks: false,
}

/** Counts characters, and how often it is asked. */
function countingPieces(): PieceCounter & { asked: number } {
  return {
    asked: 0,
    element(value) {
      this.asked++
      return (value as { content: string }).content.length
    },
    authorOf: (value) => ((value as { role: string }).role === 'assistant' ? 'model' : 'other'),
    stepsOf: () => ({ calls: 0, results: 0 }),
    around: ({ system }) => ({
      features: { ...none, text: String(system).length },
      frame: String(system),
    }),
  }
}

const user = (content: string) => ({ role: 'user', content })
const assistant = (content: string) => ({ role: 'assistant', content })
const bodyOf = (...messages: readonly object[]) =>
  JSON.stringify({ model: 'm', messages, system: 'four' })

test('what two turns have in common is counted once', () => {
  const pieces = countingPieces()
  const counts = new PrefixCounts(pieces)
  const turns = Array.from({ length: 50 }, (_, at) => user(`turn ${at}`))
  counts.count(bodyOf(...turns), 'm')
  const { features } = counts.count(bodyOf(...turns, user('more')), 'm')
  expect(pieces.asked).toBe(51)
  const said = [...turns, user('more')].reduce((sum, { content }) => sum + content.length, 0)
  expect(features).toEqual({ ...none, text: said + 4, messages: 51, calls: 0, results: 0 })
})

test('branches of a conversation share their beginning and nothing else', () => {
  const pieces = countingPieces()
  const counts = new PrefixCounts(pieces)
  counts.count(bodyOf(user('a'), user('bb'), user('ccc')), 'm')
  const other = counts.count(bodyOf(user('a'), user('bb'), user('dddd')), 'm')
  expect(other.features.text).toBe(4 + 1 + 2 + 4)
  expect(pieces.asked).toBe(4)
})

test('a report holds for what goes on from it, and its answer is known apart', () => {
  const counts = new PrefixCounts(countingPieces())
  counts.count(bodyOf(user('a')), 'm').report({ inputTokens: 40, outputTokens: 9 })
  const next = counts.count(bodyOf(user('a'), assistant('answer'), user('b')), 'm')
  expect(next.reported?.usage.inputTokens).toBe(40)
  expect(next.answer).toEqual({ text: 6, calls: 0, elements: 1, hasThoughts: false })
  const changed = counts.count(bodyOf(user('z'), assistant('answer')), 'm')
  expect(changed.isOwn).toBe(false)
})

test('a report holds for another conversation in the same frame, and for no other model', () => {
  const counts = new PrefixCounts(countingPieces())
  counts.count(bodyOf(user('a')), 'm').report({ inputTokens: 40 })
  counts.count(bodyOf(user('a'), user('more')), 'm').report({ inputTokens: 90 })
  const other = counts.count(bodyOf(user('other')), 'm')
  expect(other).toMatchObject({ isOwn: false, reported: { elements: 1 } })
  expect(counts.count(bodyOf(user('a'), user('more')), 'n').reported).toBeUndefined()
})

test('a report about a branch that was not taken holds for nothing', () => {
  const counts = new PrefixCounts(countingPieces())
  counts.count(bodyOf(user('a'), user('b'), user('c')), 'm').report({ inputTokens: 40 })
  const other = bodyOf(user('a'), user('x'), user('y'), user('z'))
  while (!counts.advance(other, 'm', 0));
  expect(counts.count(other, 'm').isOwn).toBe(false)
})

test('counted piece by piece it comes to the same', () => {
  const whole = new PrefixCounts(countingPieces())
  const sliced = new PrefixCounts(countingPieces())
  const body = bodyOf(...Array.from({ length: 20 }, (_, at) => user('x'.repeat(at))))
  let slices = 1
  while (!sliced.advance(body, 'm', 0)) slices++
  expect(slices).toBeGreaterThan(10)
  expect(sliced.count(body, 'm').features).toEqual(whole.count(body, 'm').features)
})
