import { present } from '@holdfast/core'
import type { LlmRequest } from '@holdfast/core'
import { type JsonObject, number, object } from '../json/json.ts'
import { isSystem, readSystem } from '../openai-chat/messages.ts'
import { readTool } from '../openai-chat/tools.ts'
import { readInputs } from '../request/inputs.ts'
import { isStrings, Members } from '../request/members.ts'
import type { ReadSource } from '../request/request-codec.ts'
import { readMessage } from './messages.ts'
import { isOutput, isToolChoice, readOutput, readToolChoice } from './tools.ts'

/** Reads the body of a Cohere chat or of an embeddings request. */
export function readRequest(body: JsonObject, { operation, originals }: ReadSource): LlmRequest {
  const members = new Members(body)
  const model = members.string('model') ?? ''
  if (operation === 'embeddings') {
    const messages = readInputs(members, 'texts')
    return { model, system: [], messages, tools: [], stream: false, extra: members.rest }
  }
  const messages = members.list('messages') ?? []
  const first = messages.findIndex((message) => !isSystem(message))
  const leading = first < 0 ? messages.length : first
  const toolChoice = members.take('tool_choice', isToolChoice)
  const output = members.take('response_format', isOutput)
  const budgetTokens = number(object(members.peek('thinking'))?.['token_budget'])
  return {
    model,
    system: messages.slice(0, leading).flatMap((message) => readSystem(message, originals)),
    messages: messages.slice(leading).map((message) => readMessage(message, originals)),
    tools: (members.list('tools') ?? []).map((tool) => readTool(tool, originals)),
    stream: members.boolean('stream') ?? false,
    ...present({
      toolChoice: toolChoice && readToolChoice(toolChoice),
      maxOutputTokens: members.number('max_tokens'),
      temperature: members.number('temperature'),
      topP: members.number('p'),
      topK: members.number('k'),
      stopSequences: members.take('stop_sequences', isStrings),
      seed: members.number('seed'),
      frequencyPenalty: members.number('frequency_penalty'),
      presencePenalty: members.number('presence_penalty'),
      reasoning: budgetTokens === undefined ? undefined : { budgetTokens },
      output: output && readOutput(output),
    }),
    extra: members.rest,
  }
}
