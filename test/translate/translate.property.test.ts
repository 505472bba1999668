import { assemble, type LlmRequest } from '@holdfast/core'
import { assert, asyncProperty, constantFrom, property } from 'fast-check'
import { expect, test } from 'vitest'
import { anyReply, anyRequest } from './arbitrary.ts'
import { otherwise } from './check-answer.ts'
import { checkRequest } from './check-request.ts'
import { formatNamed, formatNames, modelFor } from './formats.ts'

const anyFormat = constantFrom(...formatNames)
const unsent = { send: () => Promise.resolve(undefined) }

test('any request is accepted in every format, and means the same wherever nothing was named as lost', async () => {
  await assert(
    asyncProperty(anyRequest, anyFormat, anyFormat, async (request, from, to) => {
      const carried = await checkRequest(request, { file: 'any', from, to }, unsent)
      expect(carried.failed).toBeUndefined()
    }),
    { numRuns: 1000 },
  )
})

test('any reply of another provider is read as it was told, whole and streamed', () => {
  assert(
    property(anyReply, anyFormat, constantFrom(true, false), (events, to, streaming) => {
      const writer = formatNamed(to).replyWriter({ streaming, model: 'asked', foreign: true })
      const pieces = events.map((event) => writer.write(event))
      const bytes = Buffer.concat([...pieces, writer.end()])
      const reader = formatNamed(to).replyReader({
        operation: 'chat',
        streaming,
        contentType: writer.contentType,
      })
      const read = assemble([...reader.push(bytes), ...reader.end()])
      expect(reader.problem).toBeUndefined()
      expect(reader.complete).toBe(true)
      expect(otherwise(assemble(events), read, to, writer.losses ?? [])).toBeUndefined()
    }),
    { numRuns: 1000 },
  )
})

test('a conversation that goes on begins with the same bytes, so that the provider has it in its cache', () => {
  const withMore = (request: LlmRequest, words: readonly string[]): LlmRequest => ({
    ...request,
    messages: [
      ...request.messages,
      ...words.flatMap((text, at) => [
        { role: at % 2 === 0 ? 'assistant' : 'user', parts: [{ type: 'text', text }] } as const,
      ]),
    ],
  })
  assert(
    property(anyRequest, anyFormat, (request, to) => {
      const model = modelFor(to, request)
      const begun = withMore(
        { ...request, model, messages: [...request.messages, userSays('So?')] },
        [],
      )
      const longer = withMore(begun, ['Well.', 'And?'])
      const [before, after] = [begun, longer].map((one) =>
        conversationOf(JSON.parse(formatNamed(to).composeRequest(one).body)),
      )
      expect(after?.slice(0, before?.length)).toEqual(before)
    }),
    { numRuns: 300 },
  )
})

function userSays(text: string): LlmRequest['messages'][number] {
  return { role: 'user', parts: [{ type: 'text', text }] }
}

function conversationOf(body: Readonly<Record<string, unknown[]>>): readonly unknown[] {
  return body['messages'] ?? body['input'] ?? body['contents'] ?? []
}
