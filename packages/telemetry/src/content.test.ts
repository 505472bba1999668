import { childRun } from '@holdfast/core'
import type { ReplyEvent, ToolCall } from '@holdfast/core'
import { expect, test } from 'vitest'
import { telemetry } from './telemetry.ts'
import { OpenTelemetrySetup } from './testing/open-telemetry-setup.ts'
import { ask, goodAnswer, llmCall, startProvider } from './testing/provider.ts'

const search: ToolCall = {
  kind: 'tool',
  id: 'tool-1',
  name: 'search',
  arguments: '{"query":"the secret word","key":"sk-in-the-arguments"}',
  toolCallId: 'call_7',
  framework: 'langgraph',
  run: childRun({ id: 'run-1', session: 'thread-1' }),
  emit: () => {},
}

test('by default nothing that was said, asked or keyed is in any span or metric', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider(goodAnswer)
  const watcher = telemetry()

  await ask(watcher.llm, llmCall(provider.url))
  await watcher.tool(search, () => Promise.resolve({ value: 'the secret word is plover' }))

  const spans = await setup.spans()
  const told = JSON.stringify([
    ...spans.map(({ name, attributes, events, status }) => [name, attributes, events, status]),
    await setup.points('gen_ai.client.token.usage'),
    await setup.points('gen_ai.client.operation.duration'),
  ])
  expect(spans).toHaveLength(2)
  expect(told).toContain('gpt-4o-mini')
  expect(told).not.toMatch(/sk-|secret|plover|brief/)
  await watcher.shutdown()
})

test('a tool becomes an internal span with the names of the conventions', async () => {
  await using setup = new OpenTelemetrySetup()
  const watcher = telemetry()

  const reply = await watcher.tool(search, () => Promise.resolve({ value: 42 }))
  const broken = watcher.tool(search, () => Promise.reject(new TypeError('no such index')))
  await expect(broken).rejects.toThrow('no such index')

  expect(reply.value).toBe(42)
  const [good, bad] = await setup.spans()
  expect(good?.name).toBe('execute_tool search')
  expect(good?.attributes).toEqual({
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'search',
    'gen_ai.tool.type': 'function',
    'gen_ai.tool.call.id': 'call_7',
    'gen_ai.conversation.id': 'thread-1',
    'holdfast.run.id': 'run-1',
    'holdfast.framework': 'langgraph',
  })
  expect(bad?.attributes['error.type']).toBe('TypeError')
  await watcher.shutdown()
})

test('content is captured on request, in the form of the conventions, redacted', async () => {
  await using setup = new OpenTelemetrySetup()
  const answer: ReplyEvent[] = [
    { type: 'message-start', id: 'msg-3' },
    { type: 'reasoning-delta', choice: 0, text: 'They ask for the sec' },
    { type: 'reasoning-delta', choice: 0, text: 'ret word.' },
    { type: 'text-delta', choice: 0, text: 'One moment.' },
    { type: 'tool-call-start', choice: 0, index: 0, id: 'call_7', name: 'search' },
    { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{"query":"sec' },
    { type: 'tool-call-delta', choice: 0, index: 0, arguments: 'ret"}' },
    { type: 'finish', choice: 0, reason: 'tool-calls', raw: 'tool_calls' },
    { type: 'usage', usage: { inputTokens: 10, outputTokens: 10 } },
  ]
  await using provider = await startProvider(answer, { gapMs: 2 })
  const redact = (text: string): string => text.replaceAll(/secret|sk-[\w-]+/g, '***')
  const watcher = telemetry({ captureContent: true, redact })

  await ask(watcher.llm, llmCall(provider.url))
  await watcher.tool(search, () => Promise.resolve({ value: { word: 'secret plover' } }))

  const { attributes } = await setup.span('chat gpt-4o-mini')
  expect(json(attributes['gen_ai.system_instructions'])).toEqual([
    { type: 'text', content: 'Be brief.' },
  ])
  expect(json(attributes['gen_ai.input.messages'])).toEqual([
    { role: 'user', parts: [{ type: 'text', content: 'What is the *** word?' }] },
  ])
  expect(json(attributes['gen_ai.output.messages'])).toEqual([
    {
      role: 'assistant',
      parts: [
        { type: 'reasoning', content: 'They ask for the *** word.' },
        { type: 'text', content: 'One moment.' },
        { type: 'tool_call', id: 'call_7', name: 'search', arguments: { query: '***' } },
      ],
      finish_reason: 'tool_call',
    },
  ])
  const tool = await setup.span('execute_tool search')
  expect(json(tool.attributes['gen_ai.tool.call.arguments'])).toEqual({
    query: 'the *** word',
    key: '***',
  })
  expect(json(tool.attributes['gen_ai.tool.call.result'])).toEqual({ word: '*** plover' })
  await watcher.shutdown()
})

test('content whose redaction breaks is left out, and the span is told all the same', async () => {
  await using setup = new OpenTelemetrySetup()
  await using provider = await startProvider(goodAnswer)
  const warnings: string[] = []
  const watcher = telemetry({
    captureContent: true,
    redact: () => {
      throw new Error('redaction is broken')
    },
    warn: (message) => void warnings.push(message),
  })

  await ask(watcher.llm, llmCall(provider.url))

  const { attributes } = await setup.span('chat gpt-4o-mini')
  expect(attributes).not.toHaveProperty('gen_ai.input.messages')
  expect(attributes).not.toHaveProperty('gen_ai.output.messages')
  expect(attributes['gen_ai.usage.input_tokens']).toBe(1000)
  expect(warnings.join()).toContain('redaction is broken')
  await watcher.shutdown()
})

function json(value: unknown): unknown {
  return JSON.parse(String(value))
}
