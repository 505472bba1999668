import { randomUUID } from 'node:crypto'
import Anthropic from '@anthropic-ai/sdk'
import { tool as langchainTool } from '@langchain/core/tools'
import { createReactAgent } from '@langchain/langgraph/prebuilt'
import { ChatOpenAI } from '@langchain/openai'
import { startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import { instrument, LoopDetectedError, run } from 'holdfast'
import type { CallEvent, Escalation, HoldfastOptions } from 'holdfast'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'

let lab: Lab
beforeAll(async () => {
  lab = await startLab()
})
afterAll(() => lab.close())
// A model that never tires of looking at the same thing.
beforeEach(() =>
  lab.reset(() => ({ toolCalls: [{ name: 'look', arguments: { at: 'the door' } }] })),
)

const parameters = { type: 'object' as const, properties: { at: { type: 'string' as const } } }
const mostRounds = 12

/** An agent's loop on an SDK: as long as the model calls a tool it gets the same result. */
const agents: Record<string, (streamed: boolean) => Promise<void>> = {
  async openai(streamed) {
    const openai = new OpenAI({ apiKey: 'none', baseURL: lab.baseUrls.openai, maxRetries: 0 })
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'guard it' }]
    const tools = [
      { type: 'function' as const, function: { name: 'look', description: 'Looks', parameters } },
    ]
    for (let round = 0; round < mostRounds; round++) {
      const asked = { model: 'test-model', messages, tools }
      const answer = streamed
        ? await openai.chat.completions.stream(asked).finalChatCompletion()
        : await openai.chat.completions.create(asked)
      const message = answer.choices[0]?.message
      if (message?.tool_calls === undefined || message.tool_calls.length === 0) return
      messages.push(message)
      for (const { id } of message.tool_calls) {
        messages.push({ role: 'tool', tool_call_id: id, content: 'nothing to see' })
      }
    }
  },
  async anthropic(streamed) {
    const anthropic = new Anthropic({
      apiKey: 'none',
      baseURL: lab.baseUrls.anthropic,
      maxRetries: 0,
    })
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'guard it' }]
    const tools = [{ name: 'look', description: 'Looks', input_schema: parameters }]
    for (let round = 0; round < mostRounds; round++) {
      const asked = { model: 'test-model', max_tokens: 100, messages, tools }
      const answer = streamed
        ? await anthropic.messages.stream(asked).finalMessage()
        : await anthropic.messages.create(asked)
      const uses = answer.content.filter((part) => part.type === 'tool_use')
      if (uses.length === 0) return
      messages.push({ role: 'assistant', content: answer.content })
      messages.push({
        role: 'user',
        content: uses.map(({ id }) => ({
          type: 'tool_result',
          tool_use_id: id,
          content: 'nothing to see',
        })),
      })
    }
  },
}
const ways = Object.keys(agents).flatMap((client) => [
  { client, streamed: false },
  { client, streamed: true },
])

async function governed(governance: HoldfastOptions['governance'], work: () => Promise<void>) {
  const holdfast = instrument({
    telemetry: false,
    tools: false,
    ...(governance === undefined ? {} : { governance }),
  })
  const events: CallEvent[] = []
  holdfast.on((event) => events.push(event))
  const thrown = await run({ id: randomUUID() }, work).then(
    () => undefined,
    (error: unknown) => error,
  )
  await new Promise(setImmediate)
  await holdfast.uninstrument()
  const rules = events.flatMap((event) =>
    event.type === 'decision-made' && event.decision.policy === 'governance.loops'
      ? [`${event.decision.verdict} ${event.decision.rule}`]
      : [],
  )
  return { thrown, rules }
}

function loopOf(error: unknown): unknown {
  let current = error
  while (current instanceof Error && !(current instanceof LoopDetectedError))
    current = current.cause
  return current
}

describe.each(ways)('an agent on $client, streamed $streamed, that goes in circles', (how) => {
  const work = () => agents[how.client]?.(how.streamed) ?? Promise.reject(new Error('no client'))

  test('is noticed without any option, and left alone', async () => {
    const { thrown, rules } = await governed(undefined, work)
    expect(thrown).toBeUndefined()
    expect(lab.requests).toHaveLength(mostRounds)
    expect(new Set(rules)).toEqual(new Set(['warn loops.repeat']))
  })

  test('is told, kept from its tools, and ended', async () => {
    const escalations: Escalation[] = []
    const { thrown, rules } = await governed(
      { loops: { mode: 'enforce' }, onEscalate: (one) => escalations.push(one) },
      work,
    )
    expect(loopOf(thrown)).toMatchObject({ code: 'LOOP_DETECTED', tools: ['look'], times: 5 })
    expect(rules).toEqual(['warn loops.repeat', 'deny loops.repeat', 'deny loops.repeat'])
    const bodies = lab.requests.map(({ body }) => JSON.stringify(body))
    expect(bodies).toHaveLength(5)
    expect(bodies[3]).toContain('look was called 3 times')
    expect(bodies[4]).toMatch(/"tool_choice":("none"|\{"type":"none"\})/)
    expect(escalations).toMatchObject([{ kind: 'loop', soFar: { calls: 5 } }])
    expect(JSON.stringify(escalations)).not.toMatch(/door|nothing to see/)
  })
})

test('a tool of LangGraph that repeats is refused by name of what it does', async () => {
  let ran = 0
  const look = langchainTool(
    async () => {
      ran++
      return 'nothing to see'
    },
    { name: 'look', description: 'Looks', schema: z.object({ at: z.string() }) },
  )
  const llm = new ChatOpenAI({
    model: 'test-model',
    apiKey: 'none',
    maxRetries: 0,
    configuration: { baseURL: lab.baseUrls.openai },
  })
  const agent = createReactAgent({ llm, tools: [look] })
  const { thrown, rules } = await governed({ loops: { mode: 'enforce' } }, async () => {
    await agent.invoke({ messages: [{ role: 'user', content: 'guard it' }] })
  })
  expect(loopOf(thrown)).toMatchObject({ code: 'LOOP_DETECTED' })
  // The model was told not to call it any more, and did.
  expect(rules).toContain('deny loops.refused-call')
  expect(ran).toBe(4)
})
