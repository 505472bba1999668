import { expect, test } from 'vitest'
import type { Turn } from '../blocks.ts'
import { broughtBack, isWithoutHistory } from './brought-back.ts'

test('a long conversation keeps its beginning for several turns before some of it goes', () => {
  const turns = Array.from({ length: 200 }, (_, index): Turn => {
    return { role: index % 2 === 0 ? 'user' : 'assistant', text: `${index}`, atMs: index }
  })
  const starts = new Map<string, number>()
  for (let length = 2; length <= turns.length; length += 2) {
    const back = broughtBack(turns.slice(0, length), 20)
    expect(back.length).toBeLessThanOrEqual(20)
    expect(back.length).toBeGreaterThan(Math.min(length, 11) - 1)
    expect(back[0]?.role).toBe('user')
    const start = JSON.stringify(back[0])
    starts.set(start, (starts.get(start) ?? 0) + 1)
  }
  // 100 questions, of which one in five begins anew.
  expect(starts.size).toBeLessThanOrEqual(20)
})

test('nothing is brought back into a conversation that the provider keeps', () => {
  const asked = { role: 'user', parts: [{ type: 'text', text: 'And then?' }] } as const
  const request = { model: 'm', system: [], messages: [asked], tools: [], stream: false }
  const thread = { type: 'continue', previous_message_id: 'msg_1' }
  expect(isWithoutHistory({ ...request, extra: {} }, 0)).toBe(true)
  expect(isWithoutHistory({ ...request, extra: { thread } }, 0)).toBe(false)
})
