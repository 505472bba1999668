import { assign, changed, type MutableObject } from '../request/members.ts'
import { writeInputs } from '../request/inputs.ts'
import { type RequestChange, writePlain } from '../request/request-codec.ts'
import { systemRole, writeMessage, writeSystem } from './messages.ts'
import { writeOutput, writeTool, writeToolChoice } from './tools.ts'

/** Writes what changed in a chat completion or an embeddings request. */
export function writeRequest(body: MutableObject, change: RequestChange): void {
  const { before, after, originals } = change
  const isAgent = 'agent_id' in body && !('model' in body)
  writePlain(body, change, { model: isAgent ? 'agent_id' : 'model' })
  if (change.operation === 'embeddings') {
    if (changed(before.messages, after.messages)) writeInputs(body, 'input', after.messages)
    return
  }
  if (changed(before.system, after.system) || changed(before.messages, after.messages)) {
    const role = systemRole(body['messages'])
    body['messages'] = [
      ...writeSystem(after.system, role, originals),
      ...after.messages.flatMap((message) => writeMessage(message, originals)),
    ]
  }
  if (changed(before.tools, after.tools)) {
    const tools = after.tools.map((tool) => writeTool(tool, originals))
    assign(body, 'tools', tools.length > 0 ? tools : undefined)
  }
  writePlain(body, change, {
    parallelToolCalls: 'parallel_tool_calls',
    maxOutputTokens: usesOldName(body) ? 'max_tokens' : 'max_completion_tokens',
    temperature: 'temperature',
    topP: 'top_p',
    topK: 'top_k',
    seed: 'seed',
    frequencyPenalty: 'frequency_penalty',
    presencePenalty: 'presence_penalty',
    user: 'user',
    metadata: 'metadata',
    stopSequences: 'stop',
  })
  if (after.stream !== before.stream) body['stream'] = after.stream
  if (after.toolChoice !== before.toolChoice) {
    assign(body, 'tool_choice', writeToolChoice(after.toolChoice))
  }
  if (after.reasoning !== before.reasoning) {
    assign(body, 'reasoning_effort', after.reasoning?.effort)
  }
  if (after.output !== before.output) assign(body, 'response_format', writeOutput(after.output))
}

function usesOldName(body: MutableObject): boolean {
  return 'max_tokens' in body && !('max_completion_tokens' in body)
}
