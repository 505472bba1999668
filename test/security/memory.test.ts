import { startLab } from '@holdfast/lab'
import { instrument } from 'holdfast'
import OpenAI from 'openai'
import { expect, test } from 'vitest'

const iban = 'DE89370400440532013000'

test('what memory brings is redacted like what the user says, and restored in the answer', async () => {
  await using lab = await startLab({
    script: (request) => ({
      text: `It is ${/PRIVATE_IBAN_\w+/.exec(JSON.stringify(request.body))?.[0]}.`,
    }),
  })
  const holdfast = instrument({ telemetry: false, security: true, memory: { store: ':memory:' } })
  try {
    const client = new OpenAI({ apiKey: 'none', baseURL: lab.baseUrls.openai, maxRetries: 0 })
    const content = 'Which bank account do I pay the rent from?'
    const answer = await holdfast.run({ user: 'ada', session: 's1' }, async () => {
      await holdfast.memory.remember({ text: `I pay the rent from bank account ${iban}` })
      return client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content }] })
    })
    const sent = JSON.stringify(lab.requests[0]?.body)
    expect(sent).toContain('I pay the rent from')
    expect(sent).not.toContain(iban)
    expect(answer.choices[0]?.message.content).toBe(`It is ${iban}.`)
  } finally {
    await holdfast.uninstrument()
  }
})
