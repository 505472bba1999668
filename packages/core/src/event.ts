import type { Failure } from './failure.ts'

/** Token counts of one reply. Each count is the whole so far: a later one replaces an earlier one. */
export interface Usage {
  /** All input tokens, cached ones included. */
  readonly inputTokens?: number
  /** All output tokens, reasoning included. */
  readonly outputTokens?: number
  /** Input tokens that were read from the provider's cache. */
  readonly cachedInputTokens?: number
  /** Input tokens that were written to the provider's cache. */
  readonly cacheWriteTokens?: number
  readonly reasoningTokens?: number
}

export type FinishReason =
  | 'stop'
  | 'length'
  | 'tool-calls'
  | 'content-filter'
  | 'refusal'
  | 'malformed-tool-call'
  | 'other'

/** What a provider says in a reply, format by format the same. A whole body gives the same events as a stream, in fewer pieces. */
export type ReplyEvent =
  | { readonly type: 'message-start'; readonly id?: string; readonly model?: string }
  /** `choice` counts alternatives (chat's n, Gemini's candidates); 0 unless more than one was asked for. */
  | { readonly type: 'text-delta'; readonly choice: number; readonly text: string }
  | { readonly type: 'refusal-delta'; readonly choice: number; readonly text: string }
  | {
      readonly type: 'reasoning-delta'
      readonly choice: number
      readonly text: string
      readonly signature?: string
      readonly encrypted?: string
    }
  /** `index` tells the parallel tool calls of one reply apart. */
  | {
      readonly type: 'tool-call-start'
      readonly choice: number
      readonly index: number
      readonly id: string
      readonly name: string
    }
  | {
      readonly type: 'tool-call-delta'
      readonly choice: number
      readonly index: number
      readonly arguments: string
    }
  | { readonly type: 'usage'; readonly usage: Usage }
  /** The terminal event of a choice. */
  | {
      readonly type: 'finish'
      readonly choice: number
      readonly reason: FinishReason
      readonly raw: string
    }
  /** The provider reports a failure inside the reply. */
  | { readonly type: 'error'; readonly failure: Failure }
  /** Bytes that keep the connection alive and say nothing. */
  | { readonly type: 'keep-alive' }
  /** Content without a neutral form (images, citations, provider tools). */
  | { readonly type: 'other-content'; readonly name: string; readonly value: unknown }

/** True for events that are part of the answer: after the first of them no other attempt may take over. */
export function isContent(event: ReplyEvent): boolean {
  switch (event.type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'refusal-delta':
    case 'tool-call-start':
    case 'tool-call-delta':
    case 'other-content':
      return true
    default:
      return false
  }
}
