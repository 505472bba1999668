import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { wireNames } from '../../testing/exchange.ts'
import type { WireName } from '../../testing/exchange.ts'
import { security } from '../security.ts'
import { play, textOf } from '../testing/exchange.ts'

const card = '4111 1111 1111 1111'
const words = fc.string({
  unit: fc.constantFrom(...Array.from('abP PRIVATE_é"\\\n{}.,€😀')),
  maxLength: 40,
})
const wire = fc.constantFrom<WireName>(...wireNames)
const cut = fc.integer({ min: 1, max: 300 })
const delta = fc.integer({ min: 1, max: 12 })

test('an answer in which nothing stands for a value goes up byte by byte as it came', async () => {
  await fc.assert(
    fc.asyncProperty(
      words,
      wire,
      fc.boolean(),
      cut,
      delta,
      async (said, wireName, streaming, at, size) => {
        const { handedUp, answered, error } = await play(security(), {
          wire: wireName,
          streaming,
          prompt: card,
          say: () => textOf(said.replaceAll('P', 'p'), size),
          cut: at,
        })
        expect(error).toBeUndefined()
        expect(handedUp.toString()).toBe(answered.toString())
      },
    ),
    { numRuns: 80 },
  )
})

test.each(wireNames)(
  '%s: what only began like a placeholder leaves the rest of a stream as it came',
  async (wireName) => {
    const said = 'See the MAP. Then go on, and on, and on, to the end.'
    const { text, handedUp, answered, error } = await play(security(), {
      wire: wireName,
      prompt: card,
      say: () => textOf(said, 3),
      cut: 50,
    })
    expect(error).toBeUndefined()
    expect(text).toBe(said)
    const tail = answered.subarray(-200).toString()
    expect(handedUp.toString().endsWith(tail)).toBe(true)
  },
)

test.each(wireNames)('%s: text is handed up with the frame that it comes in', async (wireName) => {
  const said = 'No word of this waits for the next one to come in.'
  const { pieces } = await play(security(), {
    wire: wireName,
    prompt: card,
    say: () => textOf(said, 4),
    cut: 1,
  })
  expect(pieces).toEqual(said.match(/[^]{1,4}/g))
})

const secrets = fc.constantFrom(
  'AKIAQ3EGRTZ7LN5MWX2B',
  card,
  'DE89 3704 0044 0532 0130 00',
  'ghp_R8mJ2kQ9vX4tL7nB3cW6yF1hD5sG0aZ2eK4u',
  'postgres://app:s3cr3t-Pw9x@db.test/x',
  'jane.doe@example.com',
)
const around = fc.string({ unit: fc.constantFrom(...Array.from('abc de\nf.,')), maxLength: 25 })

test('what is cut out of an answer does not depend on how it is cut into pieces', async () => {
  const policies = security({ output: { action: 'redact', personalData: { risk: 'medium' } } })
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(around, secrets), { minLength: 1, maxLength: 4 }),
      wire,
      cut,
      delta,
      async (planted, wireName, at, size) => {
        const said = planted.map(([before, value]) => `${before} ${value} `).join('')
        const ask = { wire: wireName, say: () => textOf(said, size), cut: at }
        const streamed = await play(policies, ask)
        const whole = await play(policies, { ...ask, streaming: false })
        expect(streamed.error).toBeUndefined()
        expect(streamed.text).toBe(whole.text)
        for (const [, value] of planted) expect(streamed.text).not.toContain(value)
      },
    ),
    { numRuns: 80 },
  )
}, 30_000)
