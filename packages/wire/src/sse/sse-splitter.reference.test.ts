import { createParser } from 'eventsource-parser'
import {
  array,
  assert as check,
  constantFrom,
  nat,
  oneof,
  property,
  record,
  string,
} from 'fast-check'
import { expect, test } from 'vitest'
import { parseJson } from '../json/json.ts'
import { SseSplitter } from './sse-splitter.ts'

const lineEnd = constantFrom('\n', '\r\n', '\r')
const said = record({
  name: constantFrom('', 'delta', 'error'),
  value: string({ unit: 'grapheme' }),
})
/** An event on one line, one over two lines, a comment. */
const block = oneof(
  said.map(({ name, value }) => [`event: ${name}`, `data: ${JSON.stringify({ value })}`, '']),
  said.map(({ name, value }) => [
    `event: ${name}`,
    'data: {"value":',
    `data:${JSON.stringify(value)}}`,
    '',
  ]),
  constantFrom([': OPENROUTER PROCESSING', ''], ['id: 7', 'retry: 10', '']),
)

test('JSON events read as eventsource-parser reads them, wherever the text is cut', () => {
  check(
    property(array(block), lineEnd, array(nat({ max: 30 })), (blocks, end, sizes) => {
      const stream = blocks
        .flat()
        .map((line) => `${line}${end}`)
        .join('')
      const expected: unknown[] = []
      const reference = createParser({
        onEvent: ({ event = '', data }) => expected.push([event, JSON.parse(data)]),
      })
      reference.feed(`${stream}\n\n`)
      const seen: unknown[] = []
      const splitter = new SseSplitter({
        event(data, name) {
          const value = parseJson(data)
          if (value === undefined) return false
          seen.push([name, value])
          return true
        },
        untaken: (data) => expect.unreachable(data),
        comment() {},
      })
      let at = 0
      for (const size of [...sizes, stream.length]) {
        splitter.push(stream.slice(at, at + size))
        at += size
      }
      splitter.end()
      expect(seen).toEqual(expected)
    }),
  )
})
