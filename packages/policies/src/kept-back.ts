import { assemble } from '@holdfast/core'
import type { CallEvent, LlmCall, ReplyEvent } from '@holdfast/core'

/** Tells of an answer that the application does not get: what it took stands in the call's account all the same. */
export function tellKeptBack(
  call: LlmCall,
  by: Extract<CallEvent, { type: 'reply-kept-back' }>['by'],
  events: readonly ReplyEvent[],
): void {
  const { provider, host } = call
  const { model = call.model, usage } = assemble(events)
  call.emit({ type: 'reply-kept-back', by, provider, host, model, usage })
}
