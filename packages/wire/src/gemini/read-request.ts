import { present } from '@holdfast/core'
import type { LlmRequest, Message, OutputFormat } from '@holdfast/core'
import { type JsonObject, list, number, object, text } from '../json/json.ts'
import { isStrings, Members } from '../request/members.ts'
import type { ReadSource } from '../request/request-codec.ts'
import { contentsOf, readContent, readParts } from './content.ts'
import { modelOf } from './recognise.ts'
import { readToolChoice, readTools } from './tools.ts'

/** Reads the body of a Gemini request; the model and whether it streams stand in the address. */
export function readRequest(body: JsonObject, from: ReadSource): LlmRequest {
  const { originals } = from
  const nested = object(body['generateContentRequest'])
  const members = new Members(nested ?? body)
  const { model, method } = modelOf(from.url)
  const config = new Members(
    object(members.peek('generationConfig') ?? members.peek('generation_config')) ?? {},
  )
  const tools = members.list('tools')
  const system = members.peek('systemInstruction') ?? members.peek('system_instruction')
  members.drop('systemInstruction')
  members.drop('system_instruction')
  const toolConfig = object(members.peek('toolConfig') ?? members.peek('tool_config'))
  const thinking = object(config.peek('thinkingConfig'))
  const effort = text(thinking?.['thinkingLevel']).toLowerCase()
  const budgetTokens = number(thinking?.['thinkingBudget'])
  return {
    model,
    system: system === undefined ? [] : readParts(system, originals),
    messages: readMessages(members, originals),
    tools: readTools(tools, originals),
    stream: method === 'streamGenerateContent',
    ...present({
      toolChoice: readToolChoice(toolConfig),
      maxOutputTokens: config.number('maxOutputTokens'),
      temperature: config.number('temperature'),
      topP: config.number('topP'),
      topK: config.number('topK'),
      stopSequences: config.take('stopSequences', isStrings),
      seed: config.number('seed'),
      frequencyPenalty: config.number('frequencyPenalty'),
      presencePenalty: config.number('presencePenalty'),
      reasoning:
        effort === '' && budgetTokens === undefined
          ? undefined
          : present({ effort: effort === '' ? undefined : effort, budgetTokens }),
      output: readOutput(config.rest),
      metadata: members.object('labels'),
    }),
    extra: nested ? {} : members.rest,
  }
}

/** Messages are the contents; embeddings name a single content, or one in each of several requests. */
function readMessages(members: Members, originals: ReadSource['originals']): Message[] {
  const contents = members.peek('contents')
  members.drop('contents')
  if (contents !== undefined) {
    return contentsOf(contents).map((content) => readContent(content, originals))
  }
  const single = members.object('content')
  if (single !== undefined) return [readContent(single, originals)]
  return list(members.peek('requests')).flatMap((request) => {
    const content = object(request)?.['content']
    return content === undefined ? [] : [readContent(content, originals)]
  })
}

function readOutput(config: JsonObject): OutputFormat | undefined {
  const schema = config['responseJsonSchema'] ?? config['responseSchema']
  if (schema !== undefined) return { type: 'json-schema', schema }
  return config['responseMimeType'] === 'application/json' ? { type: 'json' } : undefined
}
