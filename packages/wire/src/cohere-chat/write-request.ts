import { object } from '../json/json.ts'
import { writeSystem } from '../openai-chat/messages.ts'
import { writeTool } from '../openai-chat/tools.ts'
import { writeInputs } from '../request/inputs.ts'
import { assign, changed, type MutableObject } from '../request/members.ts'
import { type RequestChange, writePlain } from '../request/request-codec.ts'
import { writeMessage } from './messages.ts'
import { writeOutput, writeToolChoice } from './tools.ts'

/** Writes what changed in a Cohere chat or an embeddings request. */
export function writeRequest(body: MutableObject, change: RequestChange): void {
  const { before, after, originals } = change
  writePlain(body, change, { model: 'model' })
  if (change.operation === 'embeddings') {
    if (changed(before.messages, after.messages)) writeInputs(body, 'texts', after.messages)
    return
  }
  if (changed(before.system, after.system) || changed(before.messages, after.messages)) {
    body['messages'] = [
      ...writeSystem(after.system, 'system', originals),
      ...after.messages.flatMap((message) => writeMessage(message, originals)),
    ]
  }
  if (changed(before.tools, after.tools)) {
    const tools = after.tools.map((tool) => writeTool(tool, originals))
    assign(body, 'tools', tools.length > 0 ? tools : undefined)
  }
  writePlain(body, change, {
    maxOutputTokens: 'max_tokens',
    temperature: 'temperature',
    topP: 'p',
    topK: 'k',
    stopSequences: 'stop_sequences',
    seed: 'seed',
    frequencyPenalty: 'frequency_penalty',
    presencePenalty: 'presence_penalty',
  })
  if (after.stream !== before.stream) body['stream'] = after.stream
  if (after.toolChoice !== before.toolChoice) {
    assign(body, 'tool_choice', writeToolChoice(after.toolChoice))
  }
  if (after.output !== before.output) assign(body, 'response_format', writeOutput(after.output))
  if (after.reasoning !== before.reasoning) {
    const token_budget = after.reasoning?.budgetTokens
    assign(
      body,
      'thinking',
      token_budget === undefined
        ? undefined
        : { ...object(body['thinking']), type: 'enabled', token_budget },
    )
  }
}
