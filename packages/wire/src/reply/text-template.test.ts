import type { ReplyEvent } from '@holdfast/core'
import { array, assert as check, boolean, property, record, string } from 'fast-check'
import { expect, test } from 'vitest'
import { formats } from '../formats.ts'
import { write } from '../testing/write.ts'
import { TextTemplate } from './text-template.ts'

const chunk = (text: string, more: object = {}) =>
  JSON.stringify({
    id: 'c1',
    choices: [{ index: 0, delta: { content: text }, finish_reason: null }],
    ...more,
  })
const delta = (text: string): ReplyEvent => ({ type: 'text-delta', choice: 0, text })

test('the same event with another text is read without parsing it', () => {
  const template = TextTemplate.of(chunk('one'), '', [delta('one')])
  expect(template?.read(chunk('two'))).toEqual(delta('two'))
  expect(template?.read(chunk('a\nb "c" é \u2028'))).toBeUndefined()
  expect(template?.read(chunk('tab\tand\\'))).toBeUndefined()
  expect(template?.read(chunk('tab\tand'))).toEqual(delta('tab\tand'))
})

test('padding and counters may differ', () => {
  const first = chunk('one', { obfuscation: 'aX3', sequence_number: 7 })
  const template = TextTemplate.of(first, '', [delta('one')])
  const next = chunk('two', { obfuscation: 'q', sequence_number: 118 })
  expect(template?.read(next)).toEqual(delta('two'))
})

test('whatever else differs is left to the parser', () => {
  const template = TextTemplate.of(chunk('one'), '', [delta('one')])
  expect(template?.read(chunk('two', { usage: {} }))).toBeUndefined()
  expect(template?.read(chunk('two').replace('null', '"stop"'))).toBeUndefined()
  expect(template?.read(chunk(''))).toBeUndefined()
  expect(template?.read(`${chunk('two')} `)).toBeUndefined()
})

test('a text that stands in the source twice makes no template', () => {
  expect(TextTemplate.of(chunk('c1'), '', [delta('c1')])).toBeUndefined()
})

test('a text that looks like the end of an event does not end it', () => {
  const template = TextTemplate.of(chunk('one'), '', [delta('one')])
  for (const text of ['"},"finish_reason":null}]}', 'x"},"finish_reason":"stop"}]}', '\\', '\\"']) {
    const read = template?.read(chunk(text))
    expect(read === undefined || (read.type === 'text-delta' && read.text === text)).toBe(true)
  }
})

test('a stream says the same with templates and without, in every format', () => {
  const pieces = array(
    record({
      text: string({ unit: 'binary', minLength: 1 }),
      reasoning: boolean(),
    }),
    { minLength: 1, maxLength: 30 },
  )
  check(
    property(pieces, (parts) => {
      for (const format of formats.filter((one) => 'replyWriter' in one)) {
        const events: ReplyEvent[] = parts.map(({ text, reasoning }) =>
          reasoning
            ? { type: 'reasoning-delta', choice: 0, text }
            : { type: 'text-delta', choice: 0, text },
        )
        events.push({ type: 'finish', choice: 0, reason: 'stop', raw: 'stop' })
        const bytes = write(format, events, { streaming: true, model: 'm' })
        const facts = {
          operation: 'chat',
          streaming: true,
          contentType: 'text/event-stream',
        } as const
        const text = (read: readonly ReplyEvent[]) =>
          read.flatMap((event) => (event.type === 'text-delta' ? [event.text] : [])).join('')
        const reader = format.replyReader(facts)
        expect(text(bytes.flatMap((piece) => [...reader.push(piece)]))).toBe(text(events))
        expect(reader.complete).toBe(true)
      }
    }),
    { numRuns: 60 },
  )
})
