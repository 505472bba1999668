import type { Message, Part } from '@holdfast/core'
import { jsonText, object, text } from '../json/json.ts'
import { readContent, writeContent } from '../openai-chat/content.ts'
import type { Originals } from '../request/originals.ts'

/** An entry of the conversation as a message. */
export function readEntry(value: unknown, originals: Originals): Message {
  const entry = object(value) ?? {}
  const id = text(entry['tool_call_id'])
  switch (entry['type']) {
    case 'function.call': {
      const name = text(entry['name'])
      const call: Part = { type: 'tool-call', id, name, arguments: jsonText(entry['arguments']) }
      return originals.keep({ role: 'assistant', parts: [call] }, value)
    }
    case 'function.result': {
      const parts: Part[] = [{ type: 'text', text: jsonText(entry['result']) }]
      return originals.keep({ role: 'tool', parts: [{ type: 'tool-result', id, parts }] }, value)
    }
    case undefined:
    case 'message.input':
    case 'message.output': {
      const role = entry['role'] === 'assistant' ? 'assistant' : 'user'
      return originals.keep({ role, parts: readContent(entry['content'], originals) }, value)
    }
    default:
      return originals.keep({ role: 'assistant', parts: [{ type: 'other', value }] }, value)
  }
}

/** The message as entries. */
export function writeEntries(message: Message, originals: Originals): unknown[] {
  const original = originals.of(message)
  if (original !== undefined) return [original]
  const said: Part[] = []
  const entries: unknown[] = []
  for (const part of message.parts) {
    if (part.type === 'tool-call') {
      const { id: tool_call_id, name, arguments: json } = part
      entries.push({ type: 'function.call', tool_call_id, name, arguments: json })
    } else if (part.type === 'tool-result') {
      const result = part.parts.map((piece) => (piece.type === 'text' ? piece.text : '')).join('')
      entries.push({ type: 'function.result', tool_call_id: part.id, result })
    } else if (part.type === 'other') entries.push(part.value)
    else said.push(part)
  }
  if (said.length === 0) return entries
  const isAssistant = message.role === 'assistant'
  const content = writeContent(said, originals)
  const type = isAssistant ? 'message.output' : 'message.input'
  return [{ type, role: isAssistant ? 'assistant' : 'user', content }, ...entries]
}
