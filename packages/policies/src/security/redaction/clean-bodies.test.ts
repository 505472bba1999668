import * as fc from 'fast-check'
import { LlmCall, openReply } from '@holdfast/core'
import type { LlmRequest, Message } from '@holdfast/core'
import { expect, test } from 'vitest'
import { callTo, wireNames } from '../../testing/exchange.ts'
import { security } from '../security.ts'
import { answer, play, textOf } from '../testing/exchange.ts'

const redaction = { key: 'a key of sixteen characters', kinds: { medium: 'reversible' } } as const
const usual = { key: 'a key of sixteen characters' }
const run = { id: 'r1', session: 's1' }

const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] })
const called = (id: string, given: string): Message => ({
  role: 'assistant',
  parts: [{ type: 'tool-call', id, name: 'find', arguments: given }],
})
const result = (id: string, text: string): Message => ({
  role: 'tool',
  parts: [{ type: 'tool-result', id, parts: [{ type: 'text', text }] }],
})

/** Texts without anything in them, and texts with something; with all that JSON has to escape. */
const plain = fc.constantFrom(
  'Where is it?',
  '',
  'line\nline\ttab "quoted" \\ backslash \\"',
  'Grüße, 東京, 🙂 and \u2028',
  '{"number":"A-17","limit":3}',
  'ends with a backslash \\',
  'a token of thanks: 12 items of 2026-11-03',
  'x'.repeat(700),
)
const telling = fc.constantFrom(
  'ada@example.org',
  '\nDE89370400440532013000',
  'card 4111 1111 1111 1111"',
  '-u ada:Tr0ub4dor-77x',
  'password = "hunter2-Xy7"',
  `ghp_${'a1B2c3D4e5F6'.repeat(3)}`,
)
const words = fc.oneof({ weight: 8, arbitrary: plain }, { weight: 1, arbitrary: telling })
const said = fc.tuple(words, words).map(([one, other]) => `${one} ${other}`.trim())

const change = fc.record({
  kind: fc.constantFrom('ask', 'call', 'edit', 'cut', 'longer', 'same'),
  text: said,
  at: fc.nat(10),
})

const conversations = fc.array(change, { minLength: 2, maxLength: 8 })

function grown(
  messages: readonly Message[],
  { kind, text, at }: { kind: string; text: string; at: number },
): Message[] {
  const id = `call_${'abcdefgh'.slice(at % 8)}${messages.length}xyzw`
  const given = JSON.stringify({ password: 'none', for: text })
  switch (kind) {
    case 'ask':
      return [...messages, user(text)]
    case 'call':
      return [...messages, called(id, given), result(id, text), user('Go on.')]
    case 'cut':
      return messages.slice(0, 1)
    case 'same':
      return [...messages]
    default: {
      const place = at % messages.length
      return messages.map((message, index) => {
        const [part] = message.parts
        if (index !== place || part?.type !== 'text') return message
        return user(kind === 'edit' ? text : `${part.text} ${text}`)
      })
    }
  }
}

test.each(wireNames)(
  '%s: a conversation that goes on is looked through as if each request were the first',
  async (wire) => {
    await fc.assert(
      fc.asyncProperty(conversations, fc.boolean(), async (changes, isUsual) => {
        const options = { redaction: isUsual ? usual : redaction, injection: false } as const
        const policies = security(options, { environment: {} })
        let messages: readonly Message[] = [user('Hello, where is the order of last week?')]
        for (const one of [{ kind: 'same', text: '', at: 0 }, ...changes]) {
          messages = grown(messages, one)
          const asked = {
            wire,
            streaming: false,
            run,
            request: (before: LlmRequest) => ({ ...before, messages }),
            say: () => textOf('Fine.'),
          }
          const first = security(options, { environment: {} })
          const [again, anew] = [await play(policies, asked), await play(first, asked)]
          expect(again.error).toEqual(anew.error)
          // Who has seen a value knows it in texts where nobody else would; it never knows less.
          if (again.decisions.length === anew.decisions.length) expect(again.sent).toBe(anew.sent)
          expect(again.decisions.length).toBeGreaterThanOrEqual(anew.decisions.length)
        }
      }),
      { numRuns: 40 },
    )
  },
  30_000,
)

test('what is new is looked at in bodies of bytes as in those of text', async () => {
  const policies = security({ redaction, injection: false }, { environment: {} })
  const sent: string[] = []
  for (const text of ['Grüße', 'Grüße aus Köln', 'Grüße aus Köln von jürgen@example.org']) {
    const { call } = callTo('http://model.test', { prompt: text, run })
    const { id, format, operation, provider, model, streaming, signal, deadlineAt, resend } = call
    const http = { ...call.http, body: Buffer.from(String(call.http.body)) }
    const facts = { id, format, operation, provider, model, streaming, signal, deadlineAt, resend }
    const asked = new LlmCall({ ...facts, http, run, emit: call.emit })
    await policies.llm(asked, (inner) => {
      sent.push(String(inner.http.body))
      return openReply(inner, answer(inner, textOf('Fine.'), 100))
    })
  }
  expect(sent[1]).toContain('aus Köln')
  expect(sent[2]).not.toContain('example.org')
})
