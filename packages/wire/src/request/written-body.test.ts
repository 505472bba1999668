import {
  array,
  assert as check,
  constantFrom,
  dictionary,
  jsonValue,
  nat,
  property,
  string,
  tuple,
} from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writtenBody } from './written-body.ts'

const message = dictionary(
  string({ unit: constantFrom('a', '{', '"', ',', '\\', 'é', ' ') }),
  jsonValue(),
  { maxKeys: 3 },
)
const put = tuple(nat({ max: 8 }), nat({ max: 3 }), array(message, { maxLength: 3 }))

describe('a changed body', () => {
  test('says what it is to say, whatever was changed in its list', () => {
    check(
      property(
        array(message, { maxLength: 8 }),
        dictionary(string(), jsonValue()),
        put,
        (messages, more, [at, gone, come]) => {
          const before = { ...more, messages, model: 'm' }
          const after = { ...before, messages: messages.toSpliced(at, gone, ...come) }
          const source = JSON.stringify(before)
          expect(writtenBody(after, before, source)).toBe(JSON.stringify(after))
          const spaced = JSON.stringify(before, null, 1)
          const written = writtenBody(after, before, spaced)
          expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(after)))
        },
      ),
    )
  })

  const user = (content: string) => ({ role: 'user', content })

  test('keeps the text of what nobody changed', () => {
    const source = `{"messages":[{"role":"system", "content":"caf\\u00e9"},{"role":"user","content":"hi"}],"n":1.0}`
    const before = JSON.parse(source) as { messages: object[] }
    const [system = {}] = before.messages
    const after = { ...before, messages: [system, user('hi, ada')] }
    expect(writtenBody(after, before, source)).toBe(source.replace('"hi"', '"hi, ada"'))
  })

  test('is written anew where a piece of its text stands twice', () => {
    const messages = [user('hi'), user('hi')]
    const before = { messages }
    const after = { messages: [messages[0], user('bye')] }
    expect(writtenBody(after, before, JSON.stringify(before))).toBe(JSON.stringify(after))
    const nested = { messages: [user('hi'), { role: 'assistant', input: user('hi') }] }
    const changed = { messages: [user('bye'), nested.messages[1]] }
    expect(writtenBody(changed, nested, JSON.stringify(nested))).toBe(JSON.stringify(changed))
  })

  test('is written anew where more than one list has changed, or its members are others', () => {
    const before = { messages: [user('hi')], tools: [{ name: 'a' }], stream: true }
    const source = JSON.stringify(before)
    const { stream: _, ...without } = before
    for (const after of [
      { ...before, messages: [user('bye')], tools: [{ name: 'b' }] },
      { ...before, messages: [] },
      { ...without, messages: [user('bye')] },
      { ...before, seed: 1 },
    ]) {
      expect(writtenBody(after, before, source)).toBe(JSON.stringify(after))
    }
  })
})
