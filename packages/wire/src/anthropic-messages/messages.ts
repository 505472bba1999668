import type { Message, Part } from '@holdfast/core'
import { object } from '../json/json.ts'
import { Members } from '../request/members.ts'
import type { Originals } from '../request/originals.ts'
import { readContent, writeBlocks, writeContent } from './content.ts'

/** A message in neutral form. A user's message of nothing but tool results is the tools' message. */
export function readMessage(value: unknown, originals: Originals): Message {
  const members = new Members(object(value) ?? {})
  const wireRole = members.string('role') ?? 'user'
  const parts = readContent(members.peek('content'), originals)
  members.drop('content')
  const onlyResults = parts.length > 0 && parts.every((part) => part.type === 'tool-result')
  const role = wireRole === 'assistant' ? 'assistant' : onlyResults ? 'tool' : 'user'
  if (wireRole !== 'assistant' && wireRole !== 'user') members.put('role', wireRole)
  return originals.keep({ role, parts, ...members.extra() }, value)
}

/** The message as the format says it. */
export function writeMessage(message: Message, originals: Originals): unknown {
  const original = originals.of(message)
  if (original !== undefined) return original
  const role = message.role === 'assistant' ? 'assistant' : 'user'
  return { role, content: writeContent(message.parts, originals), ...message.extra }
}

/** The system parts: a string where one plain text is all, else blocks. */
export function writeSystem(system: readonly Part[], originals: Originals): unknown {
  if (system.length === 0) return undefined
  const [first] = system
  if (system.length === 1 && first?.type === 'text' && first.extra === undefined) {
    return originals.of(first) === undefined ? first.text : [originals.of(first)]
  }
  return writeBlocks(system, originals)
}
