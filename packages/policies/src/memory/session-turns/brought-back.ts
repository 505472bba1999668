import type { LlmRequest, Message } from '@holdfast/core'
import type { Turn } from '../blocks.ts'

/** True for a request that says nothing of what came before: neither itself, nor by the name that a provider keeps it under. */
export function isWithoutHistory({ messages, extra }: LlmRequest, newest: number): boolean {
  const isKeptElsewhere = ['previous_response_id', 'conversation', 'conversation_id'].some(
    (name) => (extra[name] ?? null) !== null,
  )
  if (isKeptElsewhere) return false
  return messages
    .slice(0, newest)
    .every(({ role, extra: more }) => role === 'user' && more?.['role'] !== undefined)
}

/** Turns as messages, beginning with the user's. */
export function broughtBack(turns: readonly Turn[]): readonly Message[] {
  const first = turns.findIndex(({ role }) => role === 'user')
  if (first === -1) return []
  return turns.slice(first).map(({ role, text }) => ({ role, parts: [{ type: 'text', text }] }))
}
