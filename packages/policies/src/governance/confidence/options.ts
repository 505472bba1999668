import type { AssembledMessage, LlmCall, Run } from '@holdfast/core'

/** How sure an answer is, from 0 to 1; undefined where it cannot be told. */
export type ConfidenceScore = (
  answer: AssembledMessage,
  call: LlmCall,
) => number | undefined | Promise<number | undefined>

/** How sure answers have to be to be used without anybody looking. */
export interface ConfidenceOptions {
  /**
   * A function; a member of the JSON answer, `{ field: 'confidence' }`, with dots for members of members; or
   * `logprobs`: how likely the model found its own words, where the request asks for them (OpenAI Chat and Responses).
   */
  readonly score: ConfidenceScore | { readonly field: string } | 'logprobs'
  /** Below it somebody looks at the answer afterwards. @default 0.7 */
  readonly reviewBelow?: number
  /** Below it somebody has to decide. @default 0.4 */
  readonly escalateBelow?: number
  /** Told of answers below `reviewBelow`. */
  readonly onReview?: (review: ConfidenceReview) => unknown
  /**
   * Answers below `escalateBelow` are held back until somebody has approved them, where there is an approver. The
   * stream is held back for it. @default false
   */
  readonly ask?: boolean
  /** Which calls it is for. @default all chats; replies that call tools are no answers yet */
  readonly when?: (call: LlmCall) => boolean
}

/** An answer that somebody should look at. */
export interface ConfidenceReview {
  readonly run: Run | undefined
  readonly callId: string
  readonly model: string
  readonly score: number
}
