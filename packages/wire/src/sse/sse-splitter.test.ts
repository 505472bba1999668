import { property, assert as check, array, constantFrom, nat } from 'fast-check'
import { expect, test } from 'vitest'
import { SseSplitter } from './sse-splitter.ts'

/** What a stream holds when it arrives in these pieces; data that starts with `(` takes more than one line. */
function split(pieces: readonly string[]): string[] {
  const seen: string[] = []
  const splitter = new SseSplitter({
    event(data, name) {
      if (data.startsWith('(') && !data.endsWith(')')) return false
      seen.push(`${name}|${data}`)
      return true
    },
    untaken: (data) => seen.push(`untaken|${data}`),
    comment: () => seen.push('comment'),
  })
  for (const piece of pieces) splitter.push(piece)
  splitter.end()
  return seen
}

test('events, names, comments and fields nobody asked for', () => {
  const stream = ': hello\n\nevent: a\ndata: 1\nid: 7\nretry: 10\n\ndata:2\n\ndata\n\ndata:  3\n\n'
  expect(split([stream])).toEqual(['comment', 'a|1', '|2', '| 3'])
})

test('data over several lines is one event, and an event that nobody takes is told', () => {
  expect(split(['data: (1\ndata: 2)\n\ndata: (3\n\ndata: 4\n\n'])).toEqual([
    '|(1\n2)',
    'untaken|(3',
    '|4',
  ])
})

test('a last event without its empty line, and without any line end, is handed out', () => {
  expect(split(['data: 1\n\ndata: 2\n'])).toEqual(['|1', '|2'])
  expect(split(['data: 1\n\ndata: 2'])).toEqual(['|1', '|2'])
})

const lineEnd = constantFrom('\n', '\r\n', '\r')
const line = constantFrom('data: x', 'data: (a', 'data: b)', 'event: e', ': c', '', 'id: 4', 'x')

test('neither the kind of line ends nor the cuts change what a stream holds', () => {
  check(
    property(array(line), lineEnd, array(nat({ max: 5 })), (lines, end, sizes) => {
      const plain = lines.map((text) => `${text}\n`).join('')
      const stream = lines.map((text) => `${text}${end}`).join('')
      const pieces: string[] = []
      let at = 0
      for (const size of [...sizes, stream.length]) {
        pieces.push(stream.slice(at, at + size))
        at += size
      }
      expect(split(pieces)).toEqual(split([plain]))
      expect(split(stream.split(''))).toEqual(split([plain]))
    }),
  )
})
