import { assemble } from '@holdfast/core'
import type { ReplyEvent } from '@holdfast/core'
import { array, assert, constantFrom, nat, oneof, property, record, string } from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { expect, test } from 'vitest'
import { KeptEvents } from './kept-events.ts'

const choice = nat({ max: 1 })
const index = nat({ max: 2 })
const event: Arbitrary<ReplyEvent> = oneof(
  record({ type: constantFrom('text-delta', 'refusal-delta'), choice, text: string() }),
  record({ type: constantFrom('reasoning-delta'), choice, text: string() }),
  record({ type: constantFrom('reasoning-delta'), choice, text: string(), signature: string() }),
  record({ type: constantFrom('tool-call-start'), choice, index, id: string(), name: string() }),
  record({ type: constantFrom('tool-call-delta'), choice, index, arguments: string() }),
  record({ type: constantFrom('usage'), usage: record({ outputTokens: nat() }) }),
  record({ type: constantFrom('keep-alive') }),
)

test('what is kept says the same as what came, whatever it was and however it was cut', () => {
  assert(
    property(array(array(event, { maxLength: 5 }), { maxLength: 1_200, size: 'max' }), (frames) => {
      const kept = new KeptEvents()
      for (const events of frames) kept.add(events)

      expect(assemble(kept.all())).toEqual(assemble(frames.flat()))
    }),
    { numRuns: 30 },
  )
})

test('signatures stay with the reasoning that they sign', () => {
  const kept = new KeptEvents()
  const reasoning = { type: 'reasoning-delta', choice: 0 } as const
  kept.add([
    { ...reasoning, text: 'a' },
    { ...reasoning, text: 'b' },
  ])
  kept.add([
    { ...reasoning, text: '', signature: 's' },
    { ...reasoning, text: 'c' },
  ])

  expect(kept.all()).toEqual([
    { ...reasoning, text: 'ab' },
    { ...reasoning, text: '', signature: 's' },
    { ...reasoning, text: 'c' },
  ])
})

test('a long stream is kept in few pieces', () => {
  const kept = new KeptEvents()
  for (let piece = 0; piece < 10_000; piece++) {
    kept.add([{ type: 'text-delta', choice: 0, text: 'word ' }])
  }

  expect(kept.all()).toHaveLength(1)
})
