import { expect, test } from 'vitest'
import { recordingsFolder } from '../recordings/load.ts'
import { measure, recordedCalls } from './accuracy.ts'
import { conversationOf } from './conversation.ts'
import { judge } from './judge.ts'
import { play } from './play.ts'
import { bodyAfter } from './render.ts'
import { isConversation, joined, replay } from './replay.ts'

const folder = recordingsFolder()

test('whatever a conversation is, it fits, and nothing in it is torn apart', async () => {
  const wrong: string[] = []
  let compactions = 0
  for (let seed = 0; seed < 200; seed++) {
    const played = await play(seed)
    compactions += played.compactions
    wrong.push(...played.wrong)
  }
  expect(wrong).toEqual([])
  expect(compactions).toBeGreaterThan(100)
}, 60_000)

test.skipIf(folder === undefined)(
  'recorded conversations, too',
  async () => {
    const calls = recordedCalls(folder ?? '')
    const results = await Promise.all(
      [...calls.filter(isConversation), ...joined(calls)].map(replay),
    )
    expect(results.flatMap(({ wrong }) => wrong ?? [])).toEqual([])
    expect(results.filter(({ outcome }) => outcome === 'made-shorter').length).toBeGreaterThan(20)
    const { openai, others, byWire, byProvider } = await measure(calls)
    for (const one of [openai, others, ...byWire.values(), ...byProvider.values()]) {
      expect(one.medianError).toBeLessThan(one.limit)
    }
  },
  60_000,
)

test.each([0, 1, 2, 3, 5, 7, 10, 13])('the judge sees what is torn apart: seed %i', (seed) => {
  const conversation = conversationOf(seed)
  const body = bodyAfter(conversation, conversation.steps.length)
  const list =
    conversation.wire === 'gemini'
      ? 'contents'
      : conversation.wire === 'openai-responses'
        ? 'input'
        : 'messages'
  const parsed = JSON.parse(body) as Record<string, object[]>
  const result =
    parsed[list]?.findLastIndex((one) =>
      /tool_call_id|function_call_output|tool_result|functionResponse/.test(JSON.stringify(one)),
    ) ?? -1
  const torn = { ...parsed, [list]: parsed[list]?.toSpliced(result, result < 0 ? 0 : 1) }
  expect(judge(conversation.wire, body, body)).toBeUndefined()
  if (result >= 0) expect(judge(conversation.wire, body, JSON.stringify(torn))).toBeDefined()
})
