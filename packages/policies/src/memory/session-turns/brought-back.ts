import { isContinuation } from '@holdfast/core'
import type { LlmRequest, Message } from '@holdfast/core'
import type { Turn } from '../blocks.ts'

/** True for a request that says nothing of what came before: neither itself, nor by the name that a provider keeps it under. */
export function isWithoutHistory(request: LlmRequest, newest: number): boolean {
  const { messages } = request
  if (isContinuation(request)) return false
  return messages
    .slice(0, newest)
    .every(({ role, extra: more }) => role === 'user' && more?.['role'] !== undefined)
}

/**
 * The latest turns as messages, beginning with the user's. What is too old goes by halves of what is kept: if each turn
 * pushed one out, no request would begin like the one before it.
 */
export function broughtBack(turns: readonly Turn[], maxTurns: number): readonly Message[] {
  const step = Math.max(2, Math.floor(maxTurns / 4) * 2)
  const start = Math.max(0, Math.ceil((turns.length - maxTurns) / step) * step)
  const latest = turns.slice(start)
  const first = latest.findIndex(({ role }) => role === 'user')
  if (first === -1) return []
  return latest.slice(first).map(({ role, text }) => ({ role, parts: [{ type: 'text', text }] }))
}
