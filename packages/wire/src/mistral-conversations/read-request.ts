import { present } from '@holdfast/core'
import type { LlmRequest, Message } from '@holdfast/core'
import { type JsonObject, object } from '../json/json.ts'
import { readTool } from '../openai-chat/tools.ts'
import { isList, isString, isStrings, Members } from '../request/members.ts'
import type { ReadSource } from '../request/request-codec.ts'
import { readEntry } from './entries.ts'

/** Reads the body of a request that begins a conversation. */
export function readRequest(body: JsonObject, { originals }: ReadSource): LlmRequest {
  const members = new Members(body)
  const model = members.string('model') ?? members.string('agent_id') ?? ''
  const instructions = members.string('instructions')
  const inputs = members.take('inputs', isInputs)
  const args = new Members(object(body['completion_args']) ?? {})
  const stop = args.peek('stop')
  const effort = args.string('reasoning_effort')
  const messages: Message[] =
    typeof inputs === 'string'
      ? [{ role: 'user', parts: [{ type: 'text', text: inputs }] }]
      : (inputs ?? []).map((entry) => readEntry(entry, originals))
  return {
    model,
    system: instructions === undefined ? [] : [{ type: 'text', text: instructions }],
    messages,
    tools: (members.list('tools') ?? []).map((tool) => readTool(tool, originals)),
    stream: members.boolean('stream') ?? false,
    ...present({
      maxOutputTokens: args.number('max_tokens'),
      temperature: args.number('temperature'),
      topP: args.number('top_p'),
      stopSequences: isString(stop) ? [stop] : isStrings(stop) ? stop : undefined,
      seed: args.number('random_seed'),
      frequencyPenalty: args.number('frequency_penalty'),
      presencePenalty: args.number('presence_penalty'),
      reasoning: effort === undefined ? undefined : { effort },
      metadata: members.object('metadata'),
    }),
    extra: members.rest,
  }
}

function isInputs(value: unknown): value is string | readonly unknown[] {
  return isString(value) || isList(value)
}
