import { present } from '@holdfast/core'
import type { LlmRequest } from '@holdfast/core'
import { pathOf } from '../endpoints/path.ts'
import type { JsonObject } from '../json/json.ts'
import { isString, isStrings, Members } from '../request/members.ts'
import type { ReadSource } from '../request/request-codec.ts'
import { readInputs } from '../request/inputs.ts'
import { isSystem, readMessage, readSystem } from './messages.ts'
import { deploymentOf } from './recognise.ts'
import { isOutput, isToolChoice, readOutput, readTool, readToolChoice } from './tools.ts'

/** Reads the body of a chat completion or of an embeddings request. */
export function readRequest(body: JsonObject, from: ReadSource): LlmRequest {
  const { originals } = from
  const members = new Members(body)
  const deployment = deploymentOf(pathOf(from.url))
  const model = members.string('model') ?? members.string('agent_id') ?? deployment
  if (from.operation === 'embeddings') {
    const messages = readInputs(members, 'input')
    return { model, system: [], messages, tools: [], stream: false, extra: members.rest }
  }
  const messages = members.list('messages') ?? []
  const first = messages.findIndex((message) => !isSystem(message))
  const leading = first < 0 ? messages.length : first
  const stop = members.take('stop', isStop)
  const effort = members.string('reasoning_effort')
  const toolChoice = members.take('tool_choice', isToolChoice)
  const output = members.take('response_format', isOutput)
  return {
    model,
    system: messages.slice(0, leading).flatMap((message) => readSystem(message, originals)),
    messages: messages.slice(leading).map((message) => readMessage(message, originals)),
    tools: (members.list('tools') ?? []).map((tool) => readTool(tool, originals)),
    stream: members.boolean('stream') ?? false,
    ...present({
      toolChoice: toolChoice === undefined ? undefined : readToolChoice(toolChoice),
      parallelToolCalls: members.boolean('parallel_tool_calls'),
      maxOutputTokens: members.number('max_completion_tokens') ?? members.number('max_tokens'),
      temperature: members.number('temperature'),
      topP: members.number('top_p'),
      topK: members.number('top_k'),
      stopSequences: typeof stop === 'string' ? [stop] : stop,
      seed: members.number('seed'),
      frequencyPenalty: members.number('frequency_penalty'),
      presencePenalty: members.number('presence_penalty'),
      reasoning: effort === undefined ? undefined : { effort },
      output: output && readOutput(output),
      user: members.string('user'),
      metadata: members.object('metadata'),
    }),
    extra: members.rest,
  }
}

function isStop(value: unknown): value is string | readonly string[] {
  return isString(value) || isStrings(value)
}
