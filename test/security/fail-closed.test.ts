import { startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import { HoldfastError, instrument } from 'holdfast'
import type { Holdfast, HoldfastOptions } from 'holdfast'
import OpenAI, { BadRequestError } from 'openai'
import { afterEach, beforeEach, expect, test } from 'vitest'

let lab: Lab
let holdfast: Holdfast | undefined
beforeEach(async () => {
  lab = await startLab()
})
afterEach(async () => {
  await holdfast?.uninstrument()
  holdfast = undefined
  await lab.close()
})

const bug = (): never => {
  throw new TypeError('a bug of ours, with 4111 1111 1111 1111 in it')
}
const recognizers = [{ kind: 'x', risk: 'high' as const, pattern: /./g, check: bug }]

/** Every place of security where somebody's code is called, with code that throws. */
const hooks: Record<string, HoldfastOptions> = {
  'a recognizer of requests': { security: { redaction: { personalData: { recognizers } } } },
  'a recognizer of answers': {
    security: { output: { action: 'redact', personalData: { recognizers } } },
  },
  'the key of placeholders': {
    security: true,
    journal: { store: ':memory:', encryption: { key: bug } },
  },
}

test.each(Object.entries(hooks))('a bug in %s costs the call', async (_, options) => {
  holdfast = instrument({ telemetry: false, ...options })
  const client = new OpenAI({ apiKey: 'none', baseURL: lab.baseUrls.openai, maxRetries: 0 })
  for (const stream of [true, false]) {
    const error = await client.chat.completions
      .create({ model: 'm', messages: [{ role: 'user', content: 'hello' }], stream })
      .then(async (answer) => {
        if (Symbol.asyncIterator in answer)
          for await (const piece of answer) expect(piece).toBeDefined()
        return undefined
      })
      .catch((thrown: unknown) => thrown)
    const refusal = HoldfastError.is(error) ? error : (error as Error | undefined)?.cause
    expect(refusal).toMatchObject({ code: 'CALL_REFUSED' })
    expect((refusal as Error).message).not.toContain('4111')
  }
  expect(holdfast.report().bugs).toContainEqual(expect.objectContaining({ where: 'security' }))
})

test('an error of the provider reaches the application as it came', async () => {
  lab.reset([{ fault: 'invalid-request' }])
  holdfast = instrument({ security: { output: { action: 'redact' } } })
  const client = new OpenAI({ apiKey: 'none', baseURL: lab.baseUrls.openai, maxRetries: 0 })
  const asked = {
    model: 'm',
    messages: [{ role: 'user' as const, content: 'card 4111 1111 1111 1111' }],
  }
  await expect(client.chat.completions.create(asked)).rejects.toBeInstanceOf(BadRequestError)
})
