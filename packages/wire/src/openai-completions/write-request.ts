import { writeRequest as writeChat } from '../openai-chat/write-request.ts'
import { writeInputs } from '../request/inputs.ts'
import { changed, type MutableObject } from '../request/members.ts'
import type { RequestChange } from '../request/request-codec.ts'

/** Writes what changed in a completion. */
export function writeRequest(body: MutableObject, change: RequestChange): void {
  const { before, after } = change
  if (changed(before.messages, after.messages)) writeInputs(body, 'prompt', after.messages)
  const { system, messages, maxOutputTokens } = after
  if (before.maxOutputTokens !== maxOutputTokens) body['max_tokens'] = maxOutputTokens
  // There is no word for instructions; the length has its old name here.
  writeChat(body, { ...change, before: { ...before, system, messages } })
}
