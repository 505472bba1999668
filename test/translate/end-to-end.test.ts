import * as anthropic from '@anthropic-ai/sdk'
import { ApiError } from '@google/genai'
import { startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import { type CallEvent, type Holdfast, instrument } from 'holdfast'
import * as openai from 'openai'
import { afterEach, describe, expect, test } from 'vitest'
import { agents } from './agents.ts'

let holdfast: Holdfast | undefined
let labs: Lab[] = []
afterEach(async () => {
  await holdfast?.uninstrument()
  await Promise.all(labs.map((lab) => lab.close()))
  labs = []
})

const models = {
  'openai-chat': 'gpt-4.1',
  'openai-responses': 'gpt-5',
  'anthropic-messages': 'claude-sonnet-5',
  gemini: 'gemini-3-pro',
} as const
type FormatName = keyof typeof models
const names = Object.keys(models) as FormatName[]
const pairs = names.flatMap((from) =>
  names.filter((to) => to !== from).map((to) => [from, to] as const),
)

/** A provider that is down, and another one that answers in its own format. */
async function providers(spare: Parameters<typeof startLab>[0]): Promise<[Lab, Lab]> {
  const down = await startLab({ script: { fault: 'unavailable' } })
  const up = await startLab(spare)
  labs = [down, up]
  return [down, up]
}

function start(to: FormatName, lab: Lab): CallEvent[] {
  const family = to.startsWith('openai') ? 'openai' : to === 'gemini' ? 'gemini' : 'anthropic'
  const target = { format: to, model: models[to], baseUrl: lab.baseUrls[family], apiKey: 'spare' }
  const events: CallEvent[] = []
  holdfast = instrument({
    reliability: {
      retry: { maxAttempts: 1 },
      circuitBreaker: { failures: 1 },
      fallback: { to: [target] },
    },
    telemetry: false,
  })
  holdfast.on((event) => events.push(event))
  return events
}

describe.for(pairs)('asked in %s, answered in %s', ([from, to]) => {
  test.for([false, true])('a tool call and its result, streamed: %s', async (streaming) => {
    const [down, up] = await providers({
      script: [
        { toolCalls: [{ name: 'weather', arguments: { city: 'Zürich' } }] },
        { text: 'Sunny in Zürich.', usage: { inputTokens: 40, outputTokens: 9 } },
      ],
    })
    const events = start(to, up)

    const answer = await agents[from]({ lab: down, streaming })

    expect(answer).toEqual({
      called: [{ name: 'weather', arguments: { city: 'Zürich' } }],
      text: 'Sunny in Zürich.',
      outputTokens: 9,
    })
    expect(up.requests.map(({ wire, model }) => [wire, model])).toEqual([
      [to, models[to]],
      [to, models[to]],
    ])
    expect(JSON.stringify(up.requests[1]?.body)).toContain('22 degrees')
    expect(events.filter(({ type }) => type === 'fallback-taken')).toHaveLength(2)
    expect(events.filter(({ type }) => type === 'content-dropped')).toEqual([])
  })

  test('an error of the provider that was left is one of the SDK that asked', async () => {
    const [down, up] = await providers({ script: { fault: 'rate-limited' } })
    start(to, up)
    const ask = (question: string): Promise<unknown> =>
      agents[from]({ lab: down, streaming: false, question }).catch((error: unknown) => error)

    const first = await ask('One')
    const second = await ask('Two')

    // The first call's own provider says 503; for the second its circuit is open.
    expect(first).toBeInstanceOf(errorClasses[from])
    expect(first).toMatchObject({ status: 503 })
    expect(down.requests).toHaveLength(1)
    expect(second).toBeInstanceOf(rateLimitClasses[from])
    expect(second).toMatchObject({ status: 429 })
  })
})

const errorClasses = {
  'openai-chat': openai.InternalServerError,
  'openai-responses': openai.InternalServerError,
  'anthropic-messages': anthropic.InternalServerError,
  gemini: ApiError,
}
const rateLimitClasses = {
  'openai-chat': openai.RateLimitError,
  'openai-responses': openai.RateLimitError,
  'anthropic-messages': anthropic.RateLimitError,
  gemini: ApiError,
}
