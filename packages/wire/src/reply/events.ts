import type { FinishReason, ReplyEvent, Usage } from '@holdfast/core'
import { number, text } from '../json/json.ts'

/** The event that opens a message, with what is known of it. */
export function messageStart(id: unknown, model: unknown): ReplyEvent {
  const event: { type: 'message-start'; id?: string; model?: string } = { type: 'message-start' }
  if (text(id) !== '') event.id = text(id)
  if (text(model) !== '') event.model = text(model)
  return event
}

/** A piece of reasoning; members that are empty are left out. */
export function reasoningDelta(
  choice: number,
  piece: { readonly text?: string; readonly signature?: string; readonly encrypted?: string },
): ReplyEvent {
  const event: Extract<ReplyEvent, { type: 'reasoning-delta' }> = {
    type: 'reasoning-delta',
    choice,
    text: piece.text ?? '',
    ...(piece.signature ? { signature: piece.signature } : undefined),
    ...(piece.encrypted ? { encrypted: piece.encrypted } : undefined),
  }
  return event
}

/** The terminal event of a choice. */
export function finish(choice: number, reason: FinishReason, raw: string): ReplyEvent {
  return { type: 'finish', choice, reason, raw }
}

type MutableUsage = { -readonly [Name in keyof Usage]: number }

/** Token counts from values that may be anything; undefined when none of them is a number. */
export function usageOf(counts: { readonly [Name in keyof Usage]: unknown }): Usage | undefined {
  const usage: MutableUsage = {}
  let any = false
  for (const name of countNames) {
    const value = number(counts[name])
    if (value === undefined) continue
    usage[name] = value
    any = true
  }
  return any ? usage : undefined
}

const countNames = [
  'inputTokens',
  'outputTokens',
  'cachedInputTokens',
  'cacheWriteTokens',
  'reasoningTokens',
] as const
