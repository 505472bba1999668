import type { LlmRequest } from '@holdfast/core'
import type { JsonObject } from '../json/json.ts'
import { readRequest as readChat } from '../openai-chat/read-request.ts'
import { readInputs } from '../request/inputs.ts'
import { Members } from '../request/members.ts'
import type { ReadSource } from '../request/request-codec.ts'

/** Reads the body of a completion: chat's parameters, and prompts instead of messages. */
export function readRequest(body: JsonObject, source: ReadSource): LlmRequest {
  const members = new Members(body)
  const messages = readInputs(members, 'prompt')
  return { ...readChat(members.rest, source), messages }
}
