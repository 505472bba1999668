import { array, assert as check, jsonValue, nat, property } from 'fast-check'
import { expect, test } from 'vitest'
import { JsonArraySplitter } from './array-splitter.ts'

test('the objects of an array come out one by one, wherever the text is cut', () => {
  check(
    property(
      array(jsonValue()),
      array(nat({ max: 9 })),
      nat({ max: 2 }),
      (values, sizes, indent) => {
        const objects = values.map((value) => ({ value }))
        const source = JSON.stringify(objects, null, indent)
        const seen: unknown[] = []
        const splitter = new JsonArraySplitter((element) => seen.push(JSON.parse(element)))
        let at = 0
        for (const size of [...sizes, source.length]) {
          splitter.push(source.slice(at, at + size))
          at += size
        }
        expect(seen).toEqual(JSON.parse(source))
        expect(splitter.closed).toBe(true)
      },
    ),
  )
})
