import type { Message } from '@holdfast/core'
import type { ContextGateOptions } from './gate/options.ts'

/** When a conversation is made shorter, and what stays word by word. */
export interface ContextOptions {
  /** `observe` only tells what it would do. @default 'compact' */
  readonly mode?: 'compact' | 'observe'
  /** From which part of the room for input on a conversation is made shorter. @default 0.75 */
  readonly softShare?: number
  /** From which part on also what the current run has done is made shorter. @default 0.92 */
  readonly hardShare?: number
  /** To which part it is brought: the fewer times, the more often the provider's cache hits. @default 0.4 */
  readonly targetShare?: number
  /** Window and answer of models, by `model` or `provider/model`. @default the catalogue of @pydantic/genai-prices */
  readonly windows?: Readonly<Record<string, ContextWindow>>
  /** Room that is kept for the answer where neither the request nor `windows` says how long it may be. @default 4096 */
  readonly answerTokens?: number
  /** So many of the newest steps (a person's message, or the model's turn with its tools) stay as they are. @default 6 */
  readonly keepNewest?: number
  /** Messages that always stay: a function, or a mark that their text holds. @default none */
  readonly pin?: Pin
  /** Says in few words what is left out, where leaving out results is not enough. @default false: it is left out without a word of it */
  readonly summarise?: false | SummaryOptions
  /**
   * Offers the model a tool that reads what was left out. Holdfast answers it; replies of conversations that were made
   * shorter are held back until they are whole. @default false
   */
  readonly recall?: boolean
  /** Cuts results of tools that do more harm than good, however long the conversation is. @default false */
  readonly gate?: false | ContextGateOptions
  /** Sends a call that the provider called too long once more, made shorter. @default true */
  readonly rescue?: boolean
}

/** How much goes into a model. */
export interface ContextWindow {
  /** Input and answer together. */
  readonly windowTokens: number
  /** The longest answer. @default answerTokens */
  readonly answerTokens?: number
  /** The longest input, where that is less than what the answer leaves. */
  readonly inputTokens?: number
}

export type Pin = string | ((message: Message) => boolean)

/** Who summarises, and how much that may cost. */
export interface SummaryOptions {
  /** A model of the same provider. @default the call's own */
  readonly model?: string
  /** A function that gets the part as a text, in place of a model. */
  readonly by?: (transcript: string) => Promise<string | undefined>
  /** The longest summary. @default 600 */
  readonly maxTokens?: number
  /** So many summaries for one conversation; after that it goes on without. @default 8 */
  readonly maxPerConversation?: number
}
