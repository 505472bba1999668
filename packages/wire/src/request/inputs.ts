import type { Message } from '@holdfast/core'
import { isString, isStrings, type Members, type MutableObject } from './members.ts'

/** The texts of an embeddings request, one message each; token ids and other inputs stay where they are. */
export function readInputs(members: Members, name: string): Message[] {
  const input = members.take(name, isInput)
  const texts = typeof input === 'string' ? [input] : (input ?? [])
  return texts.map((text) => ({ role: 'user', parts: [{ type: 'text', text }] }))
}

function isInput(value: unknown): value is string | readonly string[] {
  return isString(value) || isStrings(value)
}

/** Writes changed texts back: a single one as it was, a string or a list. */
export function writeInputs(body: MutableObject, name: string, messages: readonly Message[]): void {
  const texts = messages.map((message) =>
    message.parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
  )
  body[name] = texts.length === 1 && !Array.isArray(body[name]) ? texts[0] : texts
}
