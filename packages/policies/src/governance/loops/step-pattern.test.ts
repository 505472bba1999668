import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { StepPattern } from './step-pattern.ts'
import type { FoundLoop, Step } from './step-pattern.ts'

const step = (call: string, result = `result of ${call}`, tool = call.split(' ')[0]): Step => ({
  tool,
  call,
  result,
  failed: false,
})

/** What is found at each step. */
function found(steps: readonly Step[], options = {}): (FoundLoop | undefined)[] {
  const pattern = new StepPattern(options)
  return steps.map((one) => pattern.add(one))
}

const patterns = (steps: readonly Step[], options = {}) =>
  found(steps, options).map((loop) => loop?.pattern)

/** A step that brings news: another call, or the same with another result. */
const news = (index: number) =>
  fc.constantFrom(
    step(`read file-${index}`),
    // Ten files written are ten times "ok".
    step(`write file-${index}`, 'ok'),
    step('status', `at ${index} %`),
  )
const progressing = fc
  .integer({ min: 1, max: 80 })
  .chain((length) => fc.tuple(...Array.from({ length }, (_, index) => news(index))))
  // Between news things are looked at again, for a while.
  .chain((steps) =>
    fc
      .array(fc.nat({ max: 2 }), { minLength: steps.length, maxLength: steps.length })
      .map((again) =>
        steps.flatMap((one, index) => [
          one,
          ...Array.from({ length: again[index] ?? 0 }, (_, time) =>
            step(`look ${time}`, 'the same'),
          ),
        ]),
      ),
  )

describe('steps of an agent', () => {
  test('that bring news now and then are never taken for a loop', () => {
    fc.assert(
      fc.property(progressing, (steps) => {
        expect(patterns(steps).filter((one) => one !== undefined)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  test('that repeat are caught by the n-th time, whatever was before and however long the circle', () => {
    const loop = fc.record({
      before: progressing,
      length: fc.integer({ min: 1, max: 8 }),
      repeats: fc.integer({ min: 2, max: 5 }),
    })
    fc.assert(
      fc.property(loop, ({ before, length, repeats }) => {
        const round = Array.from({ length }, (_, index) => step(`circle ${index}`))
        const rounds = Array.from({ length: repeats }, () => round).flat()
        const options = { repeats, pingPongs: repeats, withoutProgress: 1_000 }
        const seen = patterns([...before, ...rounds], options)
        expect(seen.slice(before.length)).toContain(length === 2 ? 'ping-pong' : 'repeat')
        // The first round is news.
        expect(seen.slice(before.length, before.length + length)).toEqual(
          Array.from({ length }, () => undefined),
        )
      }),
      { numRuns: 300 },
    )
  })

  test('in no order at all, but without anything new, are caught after so many', () => {
    const calls = fc.array(fc.nat({ max: 4 }), { minLength: 40, maxLength: 40 })
    fc.assert(
      fc.property(calls, (order) => {
        const all = [0, 1, 2, 3, 4].map((index) => step(`known ${index}`))
        const again = order.map((index) => step(`known ${index}`))
        const options = { repeats: 1_000, pingPongs: 1_000, withoutProgress: 6 }
        const seen = patterns([...all, ...again], options)
        expect(seen.slice(0, 10).every((one) => one === undefined)).toBe(true)
        expect(seen[10]).toBe('no-progress')
      }),
      { numRuns: 100 },
    )
  })

  test('that fail in the same way, with ever other arguments, get nowhere', () => {
    const failing = Array.from({ length: 8 }, (_, index) => ({
      ...step(`search ${index}`, 'no such table'),
      failed: true,
    }))
    expect(patterns(failing)).toEqual([...Array.from({ length: 6 }), 'no-progress', 'no-progress'])
  })

  test('of a tool that may repeat are counted by its own number, and of one that polls not at all', () => {
    const same = Array.from({ length: 80 }, () => step('status', 'pending'))
    expect(patterns(same, { allowRepeats: { status: 70 } }).indexOf('repeat')).toBe(69)
    expect(patterns(same, { polling: ['status'] }).every((one) => one === undefined)).toBe(true)
  })

  test('say what repeats, and how often', () => {
    const three = found([step('a'), step('b'), step('b'), step('b'), step('b')])
    expect(three.map((loop) => loop?.times)).toEqual([undefined, undefined, undefined, 3, 4])
    expect(three[3]).toEqual({
      pattern: 'repeat',
      tools: ['b'],
      times: 3,
      calls: new Set(['b']),
    })
  })
})
