import type { LlmRequest, Message, Part } from '@holdfast/core'
import { expect, test } from 'vitest'
import { UnseenTools } from './unseen-tools.ts'

const asked = (...messages: Message[]) => ({
  operation: 'chat' as const,
  request: { model: 'm', system: [], messages, tools: [], stream: false, extra: {} } as LlmRequest,
})
const said = (...parts: Part[]): Message => ({ role: 'assistant', parts })
const called = (id: string, name: string): Part => ({
  type: 'tool-call',
  id,
  name,
  arguments: '{}',
})
const answered = (id: string, name?: string): Message => ({
  role: 'tool',
  parts: [{ type: 'tool-result', id, parts: [], ...(name === undefined ? {} : { name }) }],
})
const text = (): Message => ({ role: 'user', parts: [{ type: 'text', text: 'Hello' }] })
const names = (tools: UnseenTools) => tools.report().map(({ tool, calls }) => [tool, calls])

test('a tool that models call and are answered of, and that nobody saw running, is told, with how often it was called', () => {
  const tools = new UnseenTools()
  tools.asked(asked(text()))
  tools.proposed('look')
  expect(names(tools)).toEqual([])
  expect(tools.asked(asked(text(), said(called('1', 'look')), answered('1')))).toBe(true)
  tools.proposed('look')
  expect(names(tools)).toEqual([['look', 2]])
})

test('one that was seen running is not, whenever that was', () => {
  const tools = new UnseenTools()
  tools.proposed('look')
  tools.ran({ name: 'look', framework: 'mastra' })
  tools.asked(asked(said(called('1', 'look')), answered('1')))
  expect(names(tools)).toEqual([])

  tools.proposed('late')
  tools.asked(asked(said(called('2', 'late')), answered('2')))
  expect(names(tools)).toEqual([['late', 1]])
  tools.ran({ name: 'late', framework: 'mastra' })
  expect(names(tools)).toEqual([])
})

test.each([
  [
    'a call of an earlier process, whose result stands in the conversation',
    (tools: UnseenTools) => tools.asked(asked(said(called('1', 'look')), answered('1'))),
  ],
  [
    'a call that nobody answers, as of a form to fill in',
    (tools: UnseenTools) => {
      tools.proposed('look')
      tools.asked(asked(said(called('1', 'look')), answered('1', 'look'), text()))
    },
  ],
  [
    'handing over to another agent',
    (tools: UnseenTools) => {
      tools.proposed('transfer_to_desk')
      tools.asked(asked(said(called('1', 'transfer_to_desk')), answered('1')))
    },
  ],
  [
    "a server's tool that ran under its own name",
    (tools: UnseenTools) => {
      tools.ran({ name: 'read', framework: 'mcp' })
      tools.proposed('files__read')
      tools.asked(asked(said(called('1', 'files__read')), answered('1')))
    },
  ],
])('%s is none', (_what, happens) => {
  const tools = new UnseenTools()
  happens(tools)
  expect(names(tools)).toEqual([])
})

test('what the provider keeps the conversation of is told too, though the result names no tool', () => {
  const tools = new UnseenTools()
  tools.proposed('look')
  tools.asked(asked(answered('1')))
  expect(names(tools)).toEqual([['look', 1]])
})

test('what is told of a proposal after the request that answers it counts', () => {
  const tools = new UnseenTools()
  tools.asked(asked(said(called('1', 'look')), answered('1')))
  tools.proposed('look')
  expect(names(tools)).toEqual([['look', 1]])
})
