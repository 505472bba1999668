import { expect, test } from 'vitest'
import { changedRequest, requestTo, shouted } from '../testing/request.ts'
import { openaiCompletions } from './format.ts'

test('prompts are messages of the user, and change alone', () => {
  const body = { model: 'codestral', prompt: 'const x =', suffix: ';', max_tokens: 5 }
  const http = requestTo('https://api.mistral.ai/v1/fim/completions', body)
  expect(openaiCompletions.readRequest(http, 'chat')).toMatchObject({
    model: 'codestral',
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'const x =' }] }],
    maxOutputTokens: 5,
    extra: { suffix: ';' },
  })
  const { body: written } = changedRequest(openaiCompletions, http, (request) => ({
    ...shouted(request),
    maxOutputTokens: 9,
  }))
  expect(written).toEqual({ ...body, prompt: 'CONST X =', max_tokens: 9 })
})

test('prompts of token ids stay as they are', () => {
  const body = { model: 'm', prompt: [[1, 2], [3]] }
  const http = requestTo('https://api.openai.com/v1/completions', body)
  const { body: written } = changedRequest(openaiCompletions, http, () => ({ temperature: 1 }))
  expect(written).toEqual({ ...body, temperature: 1 })
})
