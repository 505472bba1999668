import { expect, test } from 'vitest'
import { VectorScan } from './vector-scan.ts'

const dimensions = 64

/** The same numbers each time, around zero. */
function numbers(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32 - 0.5
  }
}

test.each([500, 6_000])('of %i vectors the nearest are found, nearest first', (count) => {
  const random = numbers()
  const scan = new VectorScan()
  const centres = Array.from({ length: 200 }, () => Array.from({ length: dimensions }, random))
  const around = (centre: number) =>
    Float32Array.from(centres[centre % 200] ?? [], (value) => value + random() * 0.5)
  for (let doc = 0; doc < count; doc++) scan.add(doc, { model: 'm', vector: around(doc) })
  const query = scan.comparable({ model: 'm', vector: around(7) })
  const near = scan.nearest(query ?? new Float32Array(0), 2, () => true)
  expect(near.map((doc) => doc % 200)).toEqual([7, 7])
  const [first = 0, second = 0] = near.map((doc) => scan.similarity(doc, query!) ?? 0)
  expect(first).toBeGreaterThanOrEqual(second)
  expect(scan.nearest(query!, 3, (doc) => doc % 200 !== 7)).not.toContain(near[0])
})

test('vectors of another embedder are not compared', () => {
  const scan = new VectorScan()
  scan.add(0, { model: 'one', vector: Float32Array.of(1, 0) })
  scan.add(1, { model: 'two', vector: Float32Array.of(1, 0) })
  scan.add(2, { model: 'one', vector: Float32Array.of(1, 0, 0) })
  expect(scan.comparable({ model: 'two', vector: Float32Array.of(1, 0) })).toBeUndefined()
  const query = scan.comparable({ model: 'one', vector: Float32Array.of(3, 4) })
  expect(query).toEqual(Float32Array.of(0.6, 0.8))
  expect(scan.nearest(query!, 5, () => true)).toEqual([0])
  expect(scan.similarity(0, query!)).toBeCloseTo(0.6)
  expect(scan.similarity(1, query!)).toBeUndefined()
})
