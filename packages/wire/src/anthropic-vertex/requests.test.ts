import { expect, test } from 'vitest'
import { changedRequest, requestTo, shouted } from '../testing/request.ts'
import { anthropicVertex } from './format.ts'

const path = '/v1/projects/p/locations/europe-west1/publishers/anthropic/models'
const url = `https://europe-west1-aiplatform.googleapis.com${path}/claude-opus-4@20250514:streamRawPredict`
const body = {
  anthropic_version: 'vertex-2023-10-16',
  max_tokens: 5,
  messages: [{ role: 'user', content: 'hi' }],
  stream: true,
}
const http = requestTo(url, body)

test('model and streaming stand in the address', () => {
  expect(anthropicVertex.readRequest(http, 'chat')).toMatchObject({
    model: 'claude-opus-4@20250514',
    stream: true,
    maxOutputTokens: 5,
    extra: { anthropic_version: 'vertex-2023-10-16' },
  })
  const { url: moved, body: written } = changedRequest(anthropicVertex, http, (request) => ({
    ...shouted(request),
    model: 'claude-haiku-4-5@20251001',
    stream: false,
  }))
  expect(moved).toBe(
    `https://europe-west1-aiplatform.googleapis.com${path}/claude-haiku-4-5@20251001:rawPredict`,
  )
  expect(written).toEqual({
    ...body,
    messages: [{ role: 'user', content: 'HI' }],
    stream: false,
  })
})

test('another region', () => {
  const region = 'https://us-east5-aiplatform.googleapis.com/v1'
  expect(anthropicVertex.retarget(http, { baseUrl: region }).url).toBe(
    `https://us-east5-aiplatform.googleapis.com${path}/claude-opus-4@20250514:streamRawPredict`,
  )
})
