import { present } from '@holdfast/core'
import type { Message, Part } from '@holdfast/core'
import { type JsonObject, list, object, parseJson, text } from '../json/json.ts'
import { isStrings, Members, type MutableObject } from '../request/members.ts'
import type { Originals } from '../request/originals.ts'

/** True for the messages that instruct. */
export function isSystem(value: unknown): boolean {
  return object(value)?.['role'] === 'system'
}

/** The text of a leading system message. */
export function readSystem(value: unknown, originals: Originals): Part {
  return originals.keep({ type: 'text', text: text(object(value)?.['content']) }, value)
}

/** A message in neutral form. A system message in mid-conversation keeps its place, with its role in `extra`. */
export function readMessage(value: unknown, originals: Originals): Message {
  const members = new Members(object(value) ?? {})
  const role = members.string('role') ?? 'user'
  const content = members.string('content') ?? ''
  const said: Part[] = content === '' ? [] : [{ type: 'text', text: content }]
  if (role === 'tool') {
    // A result names its tool; only newer servers know ids of calls.
    const result: Part = {
      type: 'tool-result',
      id: members.string('tool_call_id') ?? '',
      ...present({ name: members.string('tool_name') }),
      parts: said,
    }
    return originals.keep({ role, parts: [result], ...members.extra() }, value)
  }
  const thinking = members.string('thinking')
  const parts: Part[] = thinking ? [{ type: 'reasoning', text: thinking }, ...said] : said
  for (const data of members.take('images', isStrings) ?? []) {
    parts.push({ type: 'media', kind: 'image', data })
  }
  for (const call of members.list('tool_calls') ?? []) {
    parts.push(originals.keep(readToolCall(object(call) ?? {}), call))
  }
  if (role !== 'user' && role !== 'assistant') members.put('role', role)
  return originals.keep(
    { role: role === 'assistant' ? 'assistant' : 'user', parts, ...members.extra() },
    value,
  )
}

function readToolCall(call: JsonObject): Part {
  const what = object(call['function'])
  const id = text(call['id'])
  const json = JSON.stringify(what?.['arguments'] ?? {})
  return { type: 'tool-call', id, name: text(what?.['name']), arguments: json }
}

/** A system part as a message. */
export function writeSystem(part: Part, originals: Originals): unknown {
  const content = part.type === 'text' ? part.text : JSON.stringify(part)
  return originals.of(part) ?? { role: 'system', content }
}

/** The message as the format says it; several messages where it holds several tool results. */
export function writeMessage(
  message: Message,
  originals: Originals,
  lost: (part: Part) => void = () => {},
): unknown[] {
  const original = originals.of(message)
  if (original !== undefined) return [original]
  const written: unknown[] = []
  const others: Part[] = []
  for (const part of message.parts) {
    if (part.type !== 'tool-result') others.push(part)
    else {
      const { id, name } = part
      const tool_call_id = id === '' ? undefined : id
      const content = textOf(part.parts, lost)
      const named = present({ tool_name: name, tool_call_id })
      written.push({ role: 'tool', content, ...named, ...message.extra })
    }
  }
  if (others.length > 0 || written.length === 0) {
    written.push(writeOthers({ ...message, parts: others }, originals, lost))
  }
  return written
}

function writeOthers(
  message: Message,
  originals: Originals,
  lost: (part: Part) => void,
): MutableObject {
  const images: string[] = []
  const calls: unknown[] = []
  const said: Part[] = []
  let thinking = ''
  for (const part of message.parts) {
    if (part.type === 'tool-call') calls.push(originals.of(part) ?? writeToolCall(part))
    else if (part.type === 'reasoning') thinking += part.text
    else if (part.type === 'media' && part.kind === 'image' && part.data !== undefined)
      images.push(part.data)
    else said.push(part)
  }
  return {
    role: message.role === 'assistant' ? 'assistant' : 'user',
    content: textOf(said, lost),
    ...(thinking === '' ? {} : { thinking }),
    ...(images.length > 0 ? { images } : {}),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    ...message.extra,
  }
}

/** Content is one text here; what is none is named to `lost` and left out. */
export function textOf(parts: readonly Part[], lost: (part: Part) => void = () => {}): string {
  const texts: string[] = []
  for (const part of parts) {
    if (part.type === 'text' || part.type === 'refusal') texts.push(part.text)
    else lost(part)
  }
  return texts.join('\n\n')
}

function writeToolCall(part: Extract<Part, { type: 'tool-call' }>): JsonObject {
  const json = object(parseJson(part.arguments))
  const args = json ?? (part.arguments === '' ? {} : { arguments: part.arguments })
  const call = { function: { name: part.name, arguments: args } }
  return part.id === '' ? call : { id: part.id, ...call }
}

/** The images of a `generate` request, as they stand beside the prompt. */
export function readImages(value: unknown): Part[] {
  return list(value).flatMap((data): Part[] =>
    typeof data === 'string' ? [{ type: 'media', kind: 'image', data }] : [],
  )
}
