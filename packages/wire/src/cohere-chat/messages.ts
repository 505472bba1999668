import type { Message, Part, ReasoningPart } from '@holdfast/core'
import { type JsonObject, list, object, text } from '../json/json.ts'
import {
  readMessage as readChatMessage,
  writeMessage as writeChatMessage,
} from '../openai-chat/messages.ts'
import { Members } from '../request/members.ts'
import type { Originals } from '../request/originals.ts'

/** A message in neutral form. All but the assistant's are as OpenAI's chat has them. */
export function readMessage(value: unknown, originals: Originals): Message {
  const message = object(value) ?? {}
  if (message['role'] !== 'assistant') return readChatMessage(value, originals)
  const members = new Members(message)
  members.string('role')
  const parts: Part[] = []
  const plan = members.string('tool_plan')
  if (plan) parts.push(originals.keep({ type: 'reasoning', text: plan }, { tool_plan: plan }))
  parts.push(...readContent(members.peek('content'), originals))
  members.drop('content')
  for (const value of members.list('tool_calls') ?? []) {
    const call = object(value) ?? {}
    const what = object(call['function'])
    const part = {
      type: 'tool-call',
      id: text(call['id']),
      name: text(what?.['name']),
      arguments: text(what?.['arguments']),
    } as const
    parts.push(originals.keep(part, value))
  }
  return originals.keep({ role: 'assistant', parts, ...members.extra() }, value)
}

function readContent(content: unknown, originals: Originals): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  return list(content).map((value) => {
    const part = object(value) ?? {}
    if (part['type'] === 'text') {
      return originals.keep({ type: 'text', text: text(part['text']) }, value)
    }
    if (part['type'] === 'thinking') {
      return originals.keep({ type: 'reasoning', text: text(part['thinking']) }, value)
    }
    return originals.keep({ type: 'other', value }, value)
  })
}

/** The message as the format says it; several messages where it holds several tool results. */
export function writeMessage(message: Message, originals: Originals): unknown[] {
  const original = originals.of(message)
  if (original !== undefined) return [original]
  if (message.role !== 'assistant') return writeChatMessage(message, originals)
  const content: unknown[] = []
  const calls: unknown[] = []
  let plan: JsonObject = {}
  for (const part of message.parts) {
    const kept = originals.of(part)
    if (part.type === 'tool-call') calls.push(kept ?? writeToolCall(part))
    else if (part.type === 'reasoning' && isPlan(kept)) plan = kept
    else content.push(kept ?? writePart(part))
  }
  return [
    {
      role: 'assistant',
      ...plan,
      // Nothing but calls is a message without content.
      ...(content.length > 0 || calls.length === 0 ? { content } : {}),
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
      ...message.extra,
    },
  ]
}

function isPlan(value: unknown): value is JsonObject {
  return object(value)?.['tool_plan'] !== undefined
}

function writePart(part: Part): unknown {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return { type: 'text', text: part.text }
    case 'reasoning':
      return writeThinking(part)
    case 'other':
      return part.value
    default:
      return { type: 'text', text: JSON.stringify(part) }
  }
}

function writeThinking({ text: thinking }: ReasoningPart): unknown {
  return { type: 'thinking', thinking }
}

function writeToolCall(part: Extract<Part, { type: 'tool-call' }>): unknown {
  const { id, name, arguments: json } = part
  return { id, type: 'function', function: { name, arguments: json === '' ? '{}' : json } }
}
