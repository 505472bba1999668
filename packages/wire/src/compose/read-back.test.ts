import { type HttpRequest, httpHeaders, type LlmRequest, type WireFormat } from '@holdfast/core'
import { describe, expect, test } from 'vitest'
import { formats } from '../formats.ts'

const schema = { type: 'object', properties: { x: { type: 'number' } } }
const asked: LlmRequest = {
  model: 'claude-sonnet-4-5',
  stream: true,
  system: [{ type: 'text', text: 'Be brief.' }],
  messages: [
    { role: 'user', parts: [{ type: 'text', text: 'Add.' }] },
    {
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'hm', signature: 'sig' },
        { type: 'tool-call', id: 'call|1', name: 'add', arguments: '{"x":1}' },
        { type: 'tool-call', id: '', name: 'add', arguments: '' },
      ],
    },
    {
      role: 'tool',
      parts: [
        { type: 'tool-result', id: 'call|1', parts: [{ type: 'text', text: 'one' }] },
        { type: 'tool-result', id: '', name: 'add', parts: [{ type: 'text', text: 'two' }] },
      ],
    },
    {
      role: 'user',
      parts: [
        { type: 'text', text: 'And this?' },
        { type: 'media', kind: 'image', mediaType: 'image/png', data: 'AAAA' },
      ],
    },
  ],
  tools: [{ name: 'add', description: 'Adds', parameters: schema }],
  toolChoice: 'auto',
  maxOutputTokens: 100,
  temperature: 0.5,
  stopSequences: ['END'],
  extra: {},
}

const composing = formats.filter((format) => 'composeRequest' in format)
describe.for(composing.map((format): [string, WireFormat] => [format.name, format]))(
  '%s',
  ([, format]) => {
    const compose = (request: LlmRequest) => {
      const composed = format.composeRequest?.(request)
      if (composed === undefined) throw new Error('composes nothing')
      return composed
    }
    const reread = (request: LlmRequest) => {
      const { url, body } = compose(request)
      const http: HttpRequest = {
        method: 'POST',
        url,
        headers: httpHeaders(),
        body,
        signal: undefined,
        layer: 'fetch',
      }
      expect(format.recognise(http)).toMatchObject({
        operation: 'chat',
        model: request.model,
        streaming: request.stream,
      })
      return format.readRequest(http, 'chat')
    }

    test('what is composed reads as it was asked', () => {
      const { system, messages, tools, maxOutputTokens, stopSequences } = reread(asked)
      expect(system).toEqual([{ type: 'text', text: 'Be brief.' }])
      expect(tools).toMatchObject([{ name: 'add', description: 'Adds' }])
      expect(maxOutputTokens).toBe(100)
      if (format.name !== 'openai-responses') expect(stopSequences).toEqual(['END'])
      const parts = messages.flatMap((message) => message.parts)
      const calls = parts.filter((part) => part.type === 'tool-call')
      const results = parts.filter((part) => part.type === 'tool-result')
      expect(calls.map(({ name, arguments: json }) => [name, JSON.parse(json)])).toEqual([
        ['add', { x: 1 }],
        ['add', {}],
      ])
      expect(results.map(({ parts: [first] }) => first)).toMatchObject([
        { text: 'one' },
        { text: 'two' },
      ])
      // Each result finds its call, and no two calls have one id.
      expect(results.map(({ id }) => id)).toEqual(calls.map(({ id }) => id))
      expect(new Set(calls.map(({ id }) => id)).size).toBe(2)
      const said = parts.filter((part) => part.type === 'text' || part.type === 'media')
      expect(said).toMatchObject([{ text: 'Add.' }, { text: 'And this?' }, { data: 'AAAA' }])
    })

    test('the same request always gives the same bytes', () => {
      expect(compose(structuredClone(asked)).body).toBe(compose(asked).body)
    })

    test('a stream is asked for as such, and a whole answer too', () => {
      expect(reread({ ...asked, stream: false }).stream).toBe(false)
      expect(reread(asked).stream).toBe(true)
    })

    test('a format for the answer is asked for, in the words of the provider or in plain ones', () => {
      const output = { type: 'json-schema', schema } as const
      const { body } = compose({
        ...asked,
        tools: [],
        messages: asked.messages.slice(0, 1),
        output,
      })
      expect(body.replaceAll('\\', '')).toContain('"x":{"type":"number"}')
    })
  },
)

test('conversations with tools keep them on Bedrock, which would refuse the calls without', () => {
  const bedrock = formats.find(({ name }) => name === 'bedrock-converse')
  const body = JSON.parse(bedrock?.composeRequest?.({ ...asked, tools: [] }).body ?? '{}')
  expect(body.toolConfig.tools).toMatchObject([{ toolSpec: { name: 'add' } }])
})

test('what a provider has no word for is named', () => {
  const losses = (name: string, change: Partial<LlmRequest>): string[] => {
    const format = formats.find((format) => format.name === name)
    return (format?.composeRequest?.({ ...asked, ...change }).losses ?? []).map(({ what }) => what)
  }
  expect(losses('bedrock-converse', { toolChoice: 'none', topK: 5, seed: 1 })).toEqual(
    expect.arrayContaining(['tool choice none', 'topK', 'seed']),
  )
  expect(losses('ollama-chat', { toolChoice: 'required' })).toContain('tool choice')
  const gone = 'choice of the tool gone'
  expect(losses('openai-chat', { toolChoice: { name: 'add' } })).not.toContain(
    'choice of the tool add',
  )
  expect(losses('openai-chat', { toolChoice: { name: 'gone' } })).toContain(gone)
  expect(losses('cohere-chat', { reasoning: { effort: 'low' } })).toContain('reasoning effort low')
})
