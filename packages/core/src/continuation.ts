import type { LlmRequest } from './request.ts'

/** True for a request that says only what is new: its provider keeps the conversation before it. */
export function isContinuation({ extra }: Pick<LlmRequest, 'extra'>): boolean {
  return names.some((name) => (extra[name] ?? null) !== null) || continuesThread(extra['thread'])
}

// Responses and Conversations of OpenAI, and conversations of Mistral.
const names = ['previous_response_id', 'conversation', 'conversation_id']

/** Message threads of Anthropic: @anthropic-ai/sdk 1.11.0, lib/internal/threads/ThreadState (2026-11-21). */
function continuesThread(thread: unknown): boolean {
  return (thread as { type?: unknown } | null | undefined)?.type === 'continue'
}
