import type { LlmReply } from '@holdfast/core'
import type { Outcome } from './faults/classify.ts'

/** How an attempt ended, to be handed up now or later. */
export type Ending = { readonly reply: LlmReply } | { readonly error: unknown }

/** Waits for the end of an attempt, whichever it is. */
export async function endingOf(reply: Promise<LlmReply>): Promise<Ending> {
  try {
    return { reply: await reply }
  } catch (error) {
    return { error }
  }
}

/** Hands an ending up as it came: the same reply, the same error object. */
export function handUp(ending: Ending): LlmReply {
  if ('error' in ending) throw ending.error
  return ending.reply
}

/** What an ending says, for the decision table. */
export function outcomeOf(ending: Ending): Outcome {
  if ('error' in ending) return ending
  const { failure, status } = ending.reply
  return { failure: failure ?? { status, message: '' }, insideReply: status < 400 }
}
