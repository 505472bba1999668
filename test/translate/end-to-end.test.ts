import * as anthropic from '@anthropic-ai/sdk'
import { ApiError } from '@google/genai'
import { startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import { type CallEvent, type Holdfast, instrument } from 'holdfast'
import * as openai from 'openai'
import { afterEach, describe, expect, test } from 'vitest'
import { accepts } from './accepts.ts'
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

function start(to: FormatName, lab: Lab, failures = 100): CallEvent[] {
  const family = to.startsWith('openai') ? 'openai' : to === 'gemini' ? 'gemini' : 'anthropic'
  const target = { format: to, model: models[to], baseUrl: lab.baseUrls[family], apiKey: 'spare' }
  const events: CallEvent[] = []
  holdfast = instrument({
    reliability: {
      retry: { maxAttempts: 1 },
      circuitBreaker: { failures },
      fallback: { to: [target], stickyMs: 0 },
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
    // The key, and all that the SDK says about itself, were for the first provider.
    const sent = Object.entries(up.requests[0]?.headers ?? {})
    expect(sent.filter(([name]) => name.startsWith('x-stainless'))).toEqual([])
    expect(sent.map(([, value]) => value)).not.toContain(keyOf(down))
    expect(keyOf(up)).toMatch(/\*\*\*/)
    expect(events.filter(({ type }) => type === 'fallback-taken')).toHaveLength(2)
    expect(events.filter(({ type }) => type === 'content-dropped')).toEqual([])
  })

  test.for([false, true])(
    'the first provider takes the conversation back, streamed: %s',
    async (streaming) => {
      const first = await startLab({
        script: ({ callIndex }) => (callIndex % 2 === 0 ? { fault: 'unavailable' } : back),
      })
      const spare = await startLab({ script: { ...back, reasoning: 'They ask for it.' }, seed: 2 })
      labs = [first, spare]
      start(to, spare)

      await agents[from]({ lab: first, streaming, turns: 4 })

      // Every other answer came from the other provider; what the first one is sent of them is as good as its own.
      expect(spare.requests).toHaveLength(2)
      const sent = first.requests.at(-1)?.body as Readonly<Record<string, unknown>>
      expect(accepts(from, withoutSdkMembers(sent))).toBeUndefined()
    },
  )

  test('an error of the provider that was left is one of the SDK that asked', async () => {
    const [down, up] = await providers({ script: { fault: 'rate-limited' } })
    start(to, up, 1)
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

/** The key of the first request, masked. */
function keyOf(lab: Lab): string | undefined {
  const { authorization, ...others } = lab.requests[0]?.headers ?? {}
  return authorization ?? others['x-api-key'] ?? others['x-goog-api-key']
}

const back = { toolCalls: [{ name: 'weather', arguments: { city: 'Bern' } }] }

/** What the SDKs' own answers have in them besides, and their providers take back. */
function withoutSdkMembers(body: unknown): unknown {
  const source = JSON.stringify(body, (name, value: unknown) => {
    if (value === null && name !== 'content') return undefined
    const inert = [
      'refusal',
      'annotations',
      'logprobs',
      'parsed',
      'parsed_arguments',
      'output_text',
      'thought',
    ]
    return inert.includes(name) || (name === 'status' && typeof value === 'string')
      ? undefined
      : value
  })
  const copy = JSON.parse(source) as Record<string, unknown>
  const ids = new Set<unknown>()
  for (const item of (copy['input'] ?? []) as Record<string, unknown>[]) {
    if (item['type'] === undefined) item['type'] = 'message'
    if (item['id'] === undefined) continue
    expect(item['id']).toMatch(/^(fc|msg)_/)
    expect(ids).not.toContain(item['id'])
    ids.add(item['id'])
    delete item['id']
  }
  const instruction = copy['systemInstruction'] as { role?: string } | undefined
  delete instruction?.role
  const contents = (copy['contents'] ?? []) as { parts: GeminiPart[] }[]
  for (const [at, content] of contents.entries()) {
    // Gemini ends a stream of calls with an empty text of its own.
    content.parts = content.parts.filter(({ text }) => text !== '')
    const call = content.parts.find(({ functionCall }) => functionCall !== undefined)
    // The first provider's own calls, every other one, are not signed by the lab.
    if (at % 4 === 3 && call !== undefined) call.thoughtSignature = 'own'
  }
  return copy['input'] === undefined ? copy : { ...copy, store: true }
}

interface GeminiPart {
  readonly text?: string
  readonly functionCall?: unknown
  thoughtSignature?: string
}

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
