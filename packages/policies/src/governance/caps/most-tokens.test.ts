import { LlmCall } from '@holdfast/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { mostTokens as parsed } from '../../reliability/limits/estimate.ts'
import { callTo } from '../../testing/exchange.ts'
import { mostTokens } from './most-tokens.ts'

const { call } = callTo('http://127.0.0.1:1')

test('the most that a request can take is what reading it would say, whatever its members and their order', () => {
  const misleading = fc.constantFrom(
    '"max_tokens": 7',
    '{"max_tokens": 99999, "n": 5}',
    String.raw`\"max_tokens\": 3, \\" } ] {`,
    'æ "n" : 4 \\',
  )
  const members = fc.record(
    {
      model: fc.constant('m'),
      messages: fc.array(
        fc.record({ role: fc.constant('user'), content: fc.oneof(misleading, fc.string()) }),
      ),
      max_tokens: fc.nat({ max: 5_000 }).map((value) => value + 1),
      n: fc.integer({ min: 1, max: 4 }),
      tools: fc.constant([
        {
          type: 'function',
          function: {
            name: 'ask',
            parameters: {
              properties: { max_tokens: { default: 70_000 } },
              examples: [{ max_tokens: 80_000, n: 9 }],
            },
          },
        },
      ]),
      stop: fc.array(misleading),
    },
    { requiredKeys: ['model', 'messages'] },
  )
  const order = fc.array(fc.nat(), { minLength: 6, maxLength: 6 })
  fc.assert(
    fc.property(members, order, fc.boolean(), (given, keys, asBytes) => {
      const rank = (name: string) => keys[Object.keys(given).indexOf(name)] ?? 0
      const sorted = Object.entries(given).toSorted(([a], [b]) => rank(a) - rank(b))
      const json = JSON.stringify(Object.fromEntries(sorted))
      const body = asBytes ? new TextEncoder().encode(json) : json
      const { id, format, operation, provider, model, streaming } = call
      const { run, signal, deadlineAt, resend, emit } = call
      const facts = { id, format, operation, provider, model, streaming, run, signal }
      const http = { ...call.http, body }
      const same = new LlmCall({ ...facts, deadlineAt, resend, emit, http })
      expect(mostTokens(same, 4_096)).toEqual(parsed(same, 4_096))
    }),
    { numRuns: 300 },
  )
})
