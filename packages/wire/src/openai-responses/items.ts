import { present } from '@holdfast/core'
import type { Message, Part } from '@holdfast/core'
import { type JsonObject, jsonText, list, object, text } from '../json/json.ts'
import { Members, type MutableObject } from '../request/members.ts'
import type { Originals } from '../request/originals.ts'
import { readContent, writeContent } from './content.ts'

/** True for items that instruct. */
export function isSystem(value: unknown): boolean {
  const role = object(value)?.['role']
  return role === 'system' || role === 'developer'
}

/** The parts of a leading system item; `extra.role` sets them apart from `instructions`. */
export function readSystem(value: unknown, originals: Originals): Part[] {
  const item = object(value) ?? {}
  return readContent(item['content'], originals).map((part) => {
    if (part.type !== 'text') return part
    return originals.keep({ ...part, extra: { ...part.extra, role: item['role'] } }, value)
  })
}

/** An item of the input in neutral form: one item, one message. */
export function readItem(value: unknown, originals: Originals): Message {
  return originals.keep(neutral(object(value) ?? {}, value, originals), value)
}

function neutral(value: JsonObject, original: unknown, originals: Originals): Message {
  const members = new Members(value)
  const type = text(value['type'])
  switch (type) {
    case 'function_call':
    case 'custom_tool_call': {
      if (type === 'function_call') members.drop('type')
      const id = members.string('call_id') ?? ''
      const name = members.string('name') ?? ''
      const json = jsonText(value['arguments'] ?? value['input'])
      members.drop('arguments')
      members.drop('input')
      const part: Part = { type: 'tool-call', id, name, arguments: json, ...members.extra() }
      return { role: 'assistant', parts: [part] }
    }
    case 'function_call_output':
    case 'custom_tool_call_output': {
      if (type === 'function_call_output') members.drop('type')
      const id = members.string('call_id') ?? ''
      const parts = readContent(members.peek('output'), originals)
      members.drop('output')
      return { role: 'tool', parts: [{ type: 'tool-result', id, parts, ...members.extra() }] }
    }
    case 'reasoning': {
      members.drop('type')
      const summary = members.list('summary') ?? []
      const encrypted = members.string('encrypted_content')
      const said = summary.map((part) => text(object(part)?.['text'])).join('')
      const part: Part = {
        type: 'reasoning',
        text: said,
        ...present({ encrypted }),
        ...members.extra(),
      }
      return { role: 'assistant', parts: [part] }
    }
    case '':
    case 'message': {
      members.drop('type')
      const role = members.string('role') ?? 'user'
      const parts = readContent(members.peek('content'), originals)
      members.drop('content')
      if (role === 'assistant') return { role, parts, ...members.extra() }
      // A system item in mid-conversation keeps its place, with its role in `extra`.
      if (role !== 'user') members.put('role', role)
      return { role: 'user', parts, ...members.extra() }
    }
    default: {
      const role = type.endsWith('_output') ? 'tool' : 'assistant'
      return { role, parts: [{ type: 'other', value: original }] }
    }
  }
}

/** The message as items: tool calls, tool results and reasoning are items of their own. */
export function writeItems(message: Message, originals: Originals): unknown[] {
  const original = originals.of(message)
  if (original !== undefined) return [original]
  const items: unknown[] = []
  let said: Part[] = []
  const speaker = message.role === 'assistant' ? 'output' : 'input'
  const flush = (): void => {
    if (said.length === 0) return
    const content = writeContent(said, speaker, originals)
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    items.push({ type: 'message', role, content, ...message.extra })
    said = []
  }
  for (const part of message.parts) {
    const item = writeItem(part, message, originals)
    if (item === undefined) said.push(part)
    else {
      flush()
      items.push(item)
    }
  }
  flush()
  if (items.length > 0) return items
  const role = message.role === 'assistant' ? 'assistant' : 'user'
  return [{ type: 'message', role, content: '', ...message.extra }]
}

function writeItem(part: Part, message: Message, originals: Originals): MutableObject | undefined {
  switch (part.type) {
    case 'tool-call': {
      const { id: call_id, name, arguments: json, extra } = part
      const custom = extra?.['type'] === 'custom_tool_call'
      const what = custom ? { input: json } : { arguments: json }
      return { type: 'function_call', call_id, name, ...what, ...extra }
    }
    case 'tool-result': {
      const output = writeContent(part.parts, 'input', originals)
      return { type: 'function_call_output', call_id: part.id, output, ...part.extra }
    }
    case 'reasoning': {
      const summary = part.text === '' ? [] : [{ type: 'summary_text', text: part.text }]
      return {
        type: 'reasoning',
        summary,
        ...present({ encrypted_content: part.encrypted }),
        ...part.extra,
      }
    }
    case 'other': {
      // Part of a message's content, or an item of its own: the roles of items tell.
      const value = object(part.value)
      const item = value && message.parts.length === 1 && message.extra === undefined
      return item && !text(value['type']).startsWith('input_') ? { ...value } : undefined
    }
    default:
      return undefined
  }
}

/** The instructions and the system items that the parts stand for. */
export function writeSystem(
  system: readonly Part[],
  originals: Originals,
): { readonly instructions: string | undefined; readonly items: unknown[] } {
  const texts: string[] = []
  const items: unknown[] = []
  for (const part of system) {
    const role = part.type === 'text' ? part.extra?.['role'] : undefined
    if (part.type === 'text' && role === undefined) texts.push(part.text)
    else {
      const original = originals.of(part)
      if (original === undefined) items.push(systemItem(part, role, originals))
      else if (!items.includes(original)) items.push(original)
    }
  }
  return { instructions: texts.length > 0 ? texts.join('\n\n') : undefined, items }
}

function systemItem(part: Part, role: unknown, originals: Originals): MutableObject {
  if (part.type !== 'text') {
    return { role: 'developer', content: writeContent([part], 'input', originals) }
  }
  const extra = { ...part.extra }
  delete extra['role']
  const plain = Object.keys(extra).length === 0
  const content = plain ? part.text : [{ type: 'input_text', text: part.text, ...extra }]
  return { role: role ?? 'developer', content }
}

/** The items of an input, which may be one text. */
export function itemsOf(input: unknown): readonly unknown[] {
  return typeof input === 'string' ? [{ role: 'user', content: input }] : list(input)
}
