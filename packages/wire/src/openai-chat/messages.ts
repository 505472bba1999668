import { present } from '@holdfast/core'
import type { Message, Part, ReasoningPart, ToolCallPart, ToolResultPart } from '@holdfast/core'
import { type JsonObject, jsonText, list, object, text } from '../json/json.ts'
import { Members, type MutableObject } from '../request/members.ts'
import type { Originals } from '../request/originals.ts'
import { readContent, writeContent } from './content.ts'

interface SystemOriginal {
  readonly message: unknown
  readonly parts: readonly Part[]
}

/** True for the messages that instruct: system, and developer on newer models. */
export function isSystem(value: unknown): boolean {
  const role = object(value)?.['role']
  return role === 'system' || role === 'developer'
}

/** The parts of a leading system message; `extra.role` says so where it is called otherwise. */
export function readSystem(value: unknown, originals: Originals): Part[] {
  const message = object(value) ?? {}
  const role = message['role'] === 'system' ? undefined : message['role']
  const parts = readContent(message['content'], originals).map((part): Part => {
    if (part.type !== 'text' || role === undefined) return part.type === 'text' ? { ...part } : part
    return { ...part, extra: { ...part.extra, role } }
  })
  for (const part of parts) originals.keep(part, { message: value, parts } satisfies SystemOriginal)
  return parts
}

/** System messages: those nobody changed as they came, else one for each part. */
export function writeSystem(
  system: readonly Part[],
  usualRole: string,
  originals: Originals,
): unknown[] {
  const messages: unknown[] = []
  for (let at = 0; at < system.length; at++) {
    const part = system[at]
    if (part === undefined) continue
    const original = originals.of(part) as SystemOriginal | undefined
    if (original?.parts.every((same, offset) => same === system[at + offset])) {
      messages.push(original.message)
      at += original.parts.length - 1
    } else if (part.type === 'text') {
      const { role = usualRole, ...extra } = part.extra ?? {}
      const plain = Object.keys(extra).length === 0
      const content = plain ? part.text : [{ type: 'text', text: part.text, ...extra }]
      messages.push({ role, content })
    } else messages.push({ role: usualRole, content: writeContent([part], originals) })
  }
  return messages
}

/** A message in neutral form. A system message in mid-conversation keeps its place, with its role in `extra`. */
export function readMessage(value: unknown, originals: Originals): Message {
  const members = new Members(object(value) ?? {})
  const role = members.string('role') ?? 'user'
  if (role === 'tool' || role === 'function') {
    return originals.keep(readToolMessage(members, role, originals), value)
  }
  const parts: Part[] = []
  if (role === 'assistant') readReasoning(members, parts, originals)
  const content = members.peek('content')
  members.drop('content')
  parts.push(...readContent(content, originals))
  if (role === 'assistant') {
    const refusal = members.string('refusal')
    if (refusal) parts.push({ type: 'refusal', text: refusal })
    for (const call of members.list('tool_calls') ?? []) {
      parts.push(originals.keep(readToolCall(object(call) ?? {}), call))
    }
    const legacy = members.object('function_call')
    if (legacy) {
      const { name, arguments: json } = legacy
      parts.push({ type: 'tool-call', id: '', name: text(name), arguments: jsonText(json) })
    }
  } else if (role !== 'user') members.put('role', role)
  return originals.keep(
    { role: role === 'assistant' ? 'assistant' : 'user', parts, ...members.extra() },
    value,
  )
}

const reasoningMembers = ['reasoning_content', 'reasoning', 'reasoning_text']

/** The first of the names that says something; a second one repeats it and stays as it is. */
function readReasoning(members: Members, parts: Part[], originals: Originals): void {
  const name = reasoningMembers.find((name) => text(members.peek(name)) !== '')
  const said = name === undefined ? undefined : members.string(name)
  if (name === undefined || said === undefined) return
  parts.push(originals.keep({ type: 'reasoning', text: said }, { [name]: said }))
}

function readToolMessage(members: Members, role: string, originals: Originals): Message {
  const name = members.string('name')
  const result: ToolResultPart = {
    type: 'tool-result',
    id: members.string('tool_call_id') ?? '',
    ...present({ name }),
    parts: readContent(members.peek('content'), originals),
  }
  members.drop('content')
  if (role === 'function') members.put('role', role)
  return { role: 'tool', parts: [result], ...members.extra() }
}

function readToolCall(value: JsonObject): ToolCallPart {
  const members = new Members(value)
  const type = members.string('type')
  const what = members.object('function') ?? members.object('custom') ?? {}
  if (type === 'custom') members.put('type', type)
  return {
    type: 'tool-call',
    id: members.string('id') ?? '',
    name: text(what['name']),
    arguments: jsonText(what['arguments'] ?? what['input']),
    ...members.extra(),
  }
}

/** The message as the format says it; several messages where it holds several tool results. */
export function writeMessage(message: Message, originals: Originals): unknown[] {
  const original = originals.of(message)
  if (original !== undefined) return [original]
  const results = message.parts.filter((part) => part.type === 'tool-result')
  const others = message.parts.filter((part) => part.type !== 'tool-result')
  const written: unknown[] = results.map((result) => ({
    role: 'tool',
    ...present({ name: result.name }),
    tool_call_id: result.id,
    content: writeContent(result.parts, originals),
    ...message.extra,
  }))
  if (others.length === 0 && results.length > 0) return written
  written.push(
    message.role === 'assistant'
      ? writeAssistant(message, originals)
      : { role: 'user', content: writeContent(others, originals), ...message.extra },
  )
  return written
}

function writeAssistant(message: Message, originals: Originals): MutableObject {
  const content: Part[] = []
  const calls: unknown[] = []
  const said: MutableObject = {}
  for (const part of message.parts) {
    if (part.type === 'tool-call') {
      // A call without an id is a function_call of old.
      if (part.id === '') said['function_call'] = { name: part.name, arguments: part.arguments }
      else calls.push(originals.of(part) ?? writeToolCall(part))
    } else if (part.type === 'reasoning') Object.assign(said, writeReasoning(part, originals))
    else if (part.type === 'refusal' && originals.of(part) === undefined)
      said['refusal'] = part.text
    else content.push(part)
  }
  return {
    role: 'assistant',
    content: content.length === 0 ? null : writeContent(content, originals),
    ...said,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    ...message.extra,
  }
}

function writeReasoning(part: ReasoningPart, originals: Originals): JsonObject {
  const original = object(originals.of(part))
  const member = original && reasoningMembers.some((name) => name in original)
  return member ? original : { reasoning_content: part.text }
}

function writeToolCall(part: ToolCallPart): JsonObject {
  const { id, name, extra } = part
  return extra?.['type'] === 'custom'
    ? { id, custom: { name, input: part.arguments }, ...extra }
    : { id, type: 'function', function: { name, arguments: part.arguments }, ...extra }
}

/** The role that this conversation's instructions have. */
export function systemRole(messages: unknown): string {
  return text(object(list(messages).find(isSystem))?.['role']) || 'system'
}
