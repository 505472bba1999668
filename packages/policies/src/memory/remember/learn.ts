import { withoutMemories } from './gate.ts'
import { statementsOf } from './statement.ts'
import type { Statement } from './statement.ts'

/** A message as far as memory is concerned. */
export interface SpokenMessage {
  readonly role: string
  readonly text: string
  /** When it was said. @default now */
  readonly atMs?: number
}

/** Something that a model found in a conversation. */
export interface ExtractedMemory {
  readonly text: string
  readonly kind?: 'fact' | 'preference' | 'episode'
  /** What it is about: of one topic there is one memory. */
  readonly topic?: string
  readonly importance?: number
}

/** Finds what is worth remembering in a conversation. */
export type Extract = (
  messages: readonly SpokenMessage[],
  signal: AbortSignal,
) => Promise<readonly ExtractedMemory[]>

/** What a model may use up for memories; nothing that an agent's calls are refused for. */
export interface ExtractionBudget {
  /** @default 60 */
  readonly maxCallsPerHour?: number
  /** The end of a conversation, so long. @default 12_000 */
  readonly maxCharacters?: number
  /** @default 30_000 */
  readonly timeoutMs?: number
}

/** A statement of a user's, and when it was made. */
export interface FoundStatement extends Statement {
  readonly atMs: number | undefined
}

/** What users say of themselves, by rules: only their own words, without memories that were put among them. */
export function statementsIn(messages: readonly SpokenMessage[]): FoundStatement[] {
  return messages
    .filter(({ role }) => role === 'user')
    .flatMap(({ text, atMs }) =>
      statementsOf(withoutMemories(text)).map((statement) => ({ ...statement, atMs })),
    )
}

/** The end of a conversation as a model is shown it. */
export function conversationText(
  messages: readonly SpokenMessage[],
  maxCharacters: number,
): readonly SpokenMessage[] {
  const shown: SpokenMessage[] = []
  let left = maxCharacters
  for (const message of messages.toReversed()) {
    if (message.role !== 'user' && message.role !== 'assistant') continue
    const text = withoutMemories(message.text).trim()
    if (text === '') continue
    left -= text.length
    if (left < 0) break
    shown.unshift({ ...message, text })
  }
  return shown
}

/** Counts calls: no more than so many in any hour. */
export class CallAllowance {
  readonly #most: number
  readonly #now: () => number
  #calls: number[] = []

  constructor(maxPerHour: number, now: () => number) {
    this.#most = maxPerHour
    this.#now = now
  }

  take(): boolean {
    const nowMs = this.#now()
    this.#calls = this.#calls.filter((atMs) => nowMs - atMs < 3_600_000)
    if (this.#calls.length >= this.#most) return false
    this.#calls.push(nowMs)
    return true
  }
}
