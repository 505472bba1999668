import type { LlmRequest } from '@holdfast/core'
import { type JsonObject, list, object, text } from '../json/json.ts'
import type { Losses } from './losses.ts'

type Verdict = 'nothing' | 'detail' | 'meaning'

/** What it means to leave a member out; a function where the value decides. */
type Rule = Verdict | ((value: unknown) => Verdict)

const unlessOne: Rule = (value) => (value === 1 ? 'nothing' : 'meaning')
const ifTrue: Rule = (value) => (value === true ? 'meaning' : 'nothing')
const ifOtherThanText: Rule = (value) =>
  list(value).every((kind) => text(kind).toLowerCase() === 'text') ? 'nothing' : 'meaning'

/** Members of request bodies without a neutral name, in the words of every format. Those not named are details. */
const requestRules: Readonly<Record<string, Rule>> = {
  // How the exchange is run, kept, billed or cached: not what is asked.
  stream_options: 'nothing',
  store: 'nothing',
  include: 'nothing',
  truncation: 'nothing',
  safety_identifier: 'nothing',
  prompt_cache_key: 'nothing',
  prompt_cache_retention: 'nothing',
  service_tier: 'nothing',
  provider: 'nothing',
  betas: 'nothing',
  contents: 'nothing',
  // Looked into by themselves.
  thinking: 'nothing',
  output_config: 'nothing',
  output_format: 'nothing',
  reasoning: 'nothing',
  text: 'nothing',
  generationConfig: 'nothing',
  generation_config: 'nothing',
  toolConfig: 'nothing',
  tool_config: 'nothing',
  inferenceConfig: 'nothing',
  outputConfig: 'nothing',
  additionalModelRequestFields: 'nothing',
  options: 'nothing',
  format: 'nothing',
  performanceConfig: 'nothing',
  serviceTier: 'nothing',
  keep_alive: 'nothing',
  anthropic_version: 'nothing',
  // Another answer, or another conversation, than without it.
  n: unlessOne,
  candidateCount: unlessOne,
  logprobs: ifTrue,
  responseLogprobs: ifTrue,
  background: ifTrue,
  modalities: ifOtherThanText,
  responseModalities: ifOtherThanText,
  audio: 'meaning',
  speechConfig: 'meaning',
  imageConfig: 'meaning',
  previous_response_id: 'meaning',
  conversation: 'meaning',
  prompt: 'meaning',
  functions: 'meaning',
  function_call: 'meaning',
  tool_choice: 'meaning',
  response_format: 'meaning',
  web_search_options: 'meaning',
  mcp_servers: 'meaning',
  container: 'meaning',
  cachedContent: 'meaning',
  guardrailConfig: 'meaning',
  promptVariables: 'meaning',
  documents: 'meaning',
  suffix: 'meaning',
  raw: ifTrue,
  template: 'meaning',
  context: 'meaning',
}

/** Members that are half known: what stands in them beside what the neutral form says. */
const nestedRules: Readonly<Record<string, readonly string[]>> = {
  thinking: ['type', 'budget_tokens', 'token_budget'],
  output_config: ['effort', 'format'],
  reasoning: ['effort'],
  text: ['format'],
  generationConfig: [
    'maxOutputTokens',
    'temperature',
    'topP',
    'topK',
    'stopSequences',
    'seed',
    'frequencyPenalty',
    'presencePenalty',
    'responseMimeType',
    'responseSchema',
    'responseJsonSchema',
    'thinkingConfig',
  ],
  thinkingConfig: ['thinkingBudget', 'thinkingLevel'],
  toolConfig: ['functionCallingConfig', 'tools', 'toolChoice'],
  functionCallingConfig: ['mode'],
  inferenceConfig: ['maxTokens', 'temperature', 'topP', 'stopSequences'],
  outputConfig: ['textFormat', 'effort'],
  additionalModelRequestFields: ['top_k', 'thinking', 'reasoning_config'],
  options: [
    'num_predict',
    'temperature',
    'top_p',
    'top_k',
    'stop',
    'seed',
    'frequency_penalty',
    'presence_penalty',
  ],
}

const sameAs: Readonly<Record<string, string>> = {
  generation_config: 'generationConfig',
  tool_config: 'toolConfig',
}

/** Names what of a request's members without a neutral name is left out. */
export function lostMembers({ extra, toolChoice }: LlmRequest, losses: Losses): void {
  for (const [name, value] of Object.entries(extra)) judge(name, value, losses, '')
  const config = object(
    object(extra['toolConfig'] ?? extra['tool_config'])?.['functionCallingConfig'],
  )
  const allowed = list(config?.['allowedFunctionNames']).length
  if (toolChoice === undefined && allowed > 1) losses.meaning('choice among several tools', 'tools')
}

function judge(name: string, value: unknown, losses: Losses, before: string): void {
  if (value === null || value === undefined) return
  const nested = nestedRules[sameAs[name] ?? name]
  const inner = object(value)
  if (nested !== undefined && inner !== undefined) {
    for (const [member, one] of Object.entries(inner)) {
      const known = nested.includes(member) && nestedRules[member] === undefined
      if (!known && member !== 'allowedFunctionNames') judge(member, one, losses, `${name}.`)
    }
    return
  }
  const rule = Object.hasOwn(requestRules, name) ? (requestRules[name] ?? 'detail') : 'detail'
  const verdict = typeof rule === 'function' ? rule(value) : rule
  if (verdict !== 'nothing') losses[verdict](`${before}${name}`)
}

/** Members of messages and parts that only their own provider can use, or that say nothing. */
const silent = new Set([
  'id',
  'status',
  'type',
  'index',
  'role',
  'annotations',
  'logprobs',
  'thoughtSignature',
  'thought_signature',
  'caller',
  'phase',
  'refusal',
  'tool_calls',
  'function_call',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'content',
  // What OpenAI's helpers add to what came.
  'parsed',
  'parsed_arguments',
])

/** Names what of a message's or part's members without a neutral name is left out. */
export function lostExtra(extra: JsonObject | undefined, losses: Losses, where: string): void {
  if (extra === undefined) return
  for (const [name, value] of Object.entries(extra)) {
    // A mark that is not set says nothing.
    const empty =
      value === false ||
      value === null ||
      value === undefined ||
      (Array.isArray(value) && value.length === 0)
    if (!empty && !silent.has(name)) losses.detail(name, where)
  }
}
