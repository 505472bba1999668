import { startLab } from '@holdfast/lab'
import { instrument } from 'holdfast'
import { describe, expect, test } from 'vitest'
import type { Said } from '../faults/clients/client.ts'
import { clients } from '../faults/clients/index.ts'

// What Holdfast says on its own is held against the SDKs that read most strictly, or join pieces in their own way.
const readers = [clients['ai-sdk'], clients.langchain]

const targets = {
  'openai-chat': { format: 'gemini', model: 'gemini-3-pro', family: 'gemini' },
  'openai-responses': {
    format: 'anthropic-messages',
    model: 'claude-sonnet-5',
    family: 'anthropic',
  },
  'anthropic-messages': { format: 'openai-responses', model: 'gpt-5', family: 'openai' },
  gemini: { format: 'openai-chat', model: 'gpt-4.1', family: 'openai' },
} as const

const cases = readers.flatMap((client) =>
  client.wires.flatMap((wire) => [false, true].map((stream) => ({ client, wire, stream }))),
)

describe.for(cases)('$client.name, $wire, streamed: $stream', ({ client, wire, stream }) => {
  test.for([
    { what: 'a text', step: { text: 'Hello from somewhere else.', toolCalls: [] } },
    {
      what: 'a tool call',
      step: { text: '', toolCalls: [{ name: 'search', arguments: { query: 'ids', limit: 3 } }] },
    },
  ])('$what is read', async ({ step }) => {
    Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })
    await using down = await startLab({ script: { fault: 'unavailable' } })
    await using spare = await startLab({ script: step })
    const { family, ...target } = targets[wire]
    const holdfast = instrument({
      reliability: {
        retry: { maxAttempts: 1 },
        fallback: { to: [{ ...target, baseUrl: spare.baseUrls[family], apiKey: 'spare' }] },
      },
      telemetry: false,
    })
    const said: Said = { text: '', toolCalls: [], finish: undefined }

    await client.ask(
      { wire, stream, baseUrl: down.url, tools: true, signal: AbortSignal.timeout(10_000) },
      said,
    )
    await holdfast.uninstrument()

    expect(said).toMatchObject(step)
    expect(spare.requests).toMatchObject([{ wire: target.format, streaming: stream }])
  })
})
