import type { Message, Part } from '@holdfast/core'
import { object } from '../json/json.ts'
import { Members } from '../request/members.ts'
import type { Originals } from '../request/originals.ts'
import { readContent, writeContent } from './content.ts'

/** A message in neutral form. A user's message of nothing but tool results is the tools' message. */
export function readMessage(value: unknown, originals: Originals): Message {
  const members = new Members(object(value) ?? {})
  const wireRole = members.string('role') ?? 'user'
  const parts = readContent(members.peek('content'), originals)
  members.drop('content')
  const onlyResults = parts.length > 0 && parts.every((part) => part.type === 'tool-result')
  const role = wireRole === 'assistant' ? 'assistant' : onlyResults ? 'tool' : 'user'
  return originals.keep({ role, parts, ...members.extra() }, value)
}

/** The message as the format says it. */
export function writeMessage(
  message: Message,
  originals: Originals,
  lost?: (part: Part) => void,
): unknown {
  const original = originals.of(message)
  if (original !== undefined) return original
  const role = message.role === 'assistant' ? 'assistant' : 'user'
  return { role, content: writeContent(message.parts, originals, lost), ...message.extra }
}
