import { hash } from 'node:crypto'
import type { Message } from '@holdfast/core'
import { Recent } from '../../recent.ts'
import { withoutMemories } from '../remember/gate.ts'

/** Something that a user has said in a conversation. */
export interface SpokenTurn {
  /** Its place among the messages. */
  readonly index: number
  /** The conversation begins with it. */
  readonly isFirst: boolean
  readonly text: string
  /** Stands for all that the user has said up to here. */
  readonly key: string
}

/**
 * What the user has said, turn by turn. Results of tools are none of it, in whatever form they come, nor are
 * instructions in the middle of a conversation.
 */
export function spokenTurns(messages: readonly Message[], keys: TurnKeys): readonly SpokenTurn[] {
  const turns: SpokenTurn[] = []
  let key = ''
  for (const [index, message] of messages.entries()) {
    if (message.role !== 'user' || message.extra?.['role'] !== undefined) continue
    if (message.parts.some(({ type }) => type === 'tool-result')) continue
    const text = textOf(message)
    if (text === '' || isToolFeedback(text, messages[index - 1])) continue
    key = keys.of(`${key}\n${text}`)
    turns.push({ index, isFirst: turns.length === 0, text, key })
  }
  return turns
}

const mostKept = 200
const longestKept = 2_000

/** The keys of turns, those of late remembered: most turns were there in the request before. */
export class TurnKeys {
  readonly #known = new Recent<string>(mostKept)

  of(said: string): string {
    const known = said.length > longestKept ? undefined : this.#known.get(said)
    if (known !== undefined) return known
    const key = hash('sha1', said, 'base64')
    if (said.length <= longestKept) this.#known.set(said, key)
    return key
  }
}

/** The text of a message, without memories that were put into it. */
export function textOf({ parts }: Message): string {
  const texts: string[] = []
  for (const part of parts) if (part.type === 'text') texts.push(part.text)
  return withoutMemories(texts.join('\n')).trim()
}

/** Agents without tool calls of the provider's hand results back as if the user had said them. */
function isToolFeedback(text: string, before: Message | undefined): boolean {
  return (
    before?.role === 'assistant' &&
    /^(?:observation|tool (?:result|output|response)|result of|function result|you got this result from the tool|an error occurred)\b/i.test(
      text,
    )
  )
}
