import { expect, test } from 'vitest'
import { isContinuation } from './continuation.ts'

test.each([
  { previous_response_id: 'resp_1' },
  { conversation: { id: 'conv_1' } },
  { conversation_id: 'conv_1' },
  { thread: { type: 'continue', previous_message_id: 'msg_1' } },
])('%j says only what is new', (extra) => {
  expect(isContinuation({ extra })).toBe(true)
})

test.each([{}, { previous_response_id: null }, { thread: { type: 'create' } }, { thread: null }])(
  '%j says all of its conversation',
  (extra) => {
    expect(isContinuation({ extra })).toBe(false)
  },
)
