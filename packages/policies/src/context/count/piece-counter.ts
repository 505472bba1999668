import { createHash } from 'node:crypto'
import { countValue } from './count-value.ts'
import { estimateText } from './estimate-text.ts'
import type { CountText } from './encoding.ts'
import { openaiToolsText } from './openai-tools.ts'
import type { Reading } from './families.ts'
import type { Around, Author, PieceCounter, Steps } from './prefix-counts.ts'

type JsonObject = Readonly<Record<string, unknown>>

/**
 * Counts as OpenAI does: with its tokeniser, and what stands around messages, tools and schemas. What that is, the usage
 * of some hundred recorded answers says (2026-11-21).
 */
export function openaiPieces(countText: CountText, model: string): PieceCounter {
  const thinks = /^(o\d|gpt-[5-9])/.test(model)
  return {
    // Each message is put between marks of its role: 3, and the role itself.
    // https://github.com/openai/openai-cookbook, how to count tokens (2026-11-21)
    element(value) {
      const { type, encrypted_content: sealed } = value as JsonObject
      if (type === 'compaction') return String(sealed).length * sealedTokens
      return countValue(value, countText) + messageTokens + aroundCalls(value, thinks)
    },
    authorOf,
    // That is counted with the element.
    stepsOf: () => noSteps,
    around(body, first) {
      const { instructions, input } = body
      const named = namedFunction(body)
      // The answer begins with marks, too.
      let text = thinks ? 2 : 3
      if (typeof instructions === 'string' && instructions !== '') {
        text += countText(instructions) + messageTokens
      }
      if (typeof input === 'string') text += countText(input) + messageTokens
      text += schemaTokens(body, countText)
      // The answer begins with the call that it must be.
      if (!thinks && named !== undefined) text += countText(named) + 7
      let tokens = 0
      const tools = listOf(body['tools'] ?? body['functions'])
      if (tools.length > 0) {
        tokens += countText(openaiToolsText(tools)) + 9
        // They stand in the first message where that is the system's.
        if (!thinks && 'messages' in body && isSystem(first)) tokens -= 3
        if (thinks && 'messages' in body && /^gpt-5(-|$)/.test(model)) tokens += 80
      }
      return { features: { ...plain, text, tools: tokens }, frame: frameOf(body, first) }
    },
  }
}

const messageTokens = 4
/** Of a character that only its provider can read. */
const sealedTokens = 0.113
const noSteps: Steps = { calls: 0, results: 0 }

/** A call says to whom it goes; several at once are put into one of their own. */
function aroundCalls(value: unknown, thinks: boolean): number {
  const { type, tool_calls: calls } = value as JsonObject
  if (type === 'function_call') return thinks ? 11 : 6
  const { length } = listOf(calls)
  return length === 0 ? 0 : length === 1 ? (thinks ? 13 : 7) : 14 * length + 6
}

/** The form of the answer is told as a schema under its name; Chat Completions has more words around it. */
function schemaTokens({ response_format: output, text }: JsonObject, count: CountText): number {
  const inChat = objectOf(output)['json_schema']
  const { schema, name } = objectOf(inChat ?? objectOf(text)['format'])
  if (schema === undefined || schema === null) return 0
  const told = count(JSON.stringify(schema, withoutClosing))
  const named = typeof name === 'string' ? count(name) : 0
  return told + (inChat === undefined ? named + 2 : 2 * named + 7)
}

function withoutClosing(name: string, value: unknown): unknown {
  const isClosing = name === 'additionalProperties' && value === false
  return isClosing || name === '$schema' || name === 'const' ? undefined : value
}

function namedFunction({ tool_choice: choice }: JsonObject): string | undefined {
  const { name } = objectOf(objectOf(choice)['function'])
  return typeof name === 'string' ? name : undefined
}

function isSystem(value: unknown): boolean {
  const { role } = objectOf(value)
  return role === 'system' || role === 'developer'
}

/** Two requests of the same frame differ in their conversations alone, as far as a provider's count goes. */
function frameOf(body: JsonObject, first: unknown): string {
  const said = framing.map((name) => body[name])
  return createHash('sha256')
    .update(JSON.stringify([said, isSystem(first) ? first : undefined]))
    .digest('base64')
}

const framing = [
  'instructions',
  'system',
  'systemInstruction',
  'system_instruction',
  'tools',
  'functions',
  'tool_choice',
  'toolConfig',
  'response_format',
  'text',
  'output_config',
  'output_format',
  'generationConfig',
  'thinking',
  'reasoning',
  'reasoning_effort',
]

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Of OpenAI's requests everything is counted as what is said, or as tools. */
const plain = { declarations: 0, isForced: false, schema: 0, thinks: false }

/** Estimates, for whom no tokeniser is published; what they come to in tokens is learnt. */
export function estimatedPieces({ digitsPerToken, showsJson }: Reading): PieceCounter {
  const countText: CountText = (text) => estimateText(text, digitsPerToken)
  return {
    element: (value) => countValue(value, countText, showsJson),
    authorOf,
    stepsOf,
    around(body, first): Around {
      const { tools, system, instructions, input, prompt, systemInstruction } = body
      const told = [system, instructions, input, prompt, systemInstruction]
      // Mistral and xAI do not show their models tools that must not be called; as recorded answers show (2026-11-21).
      const declared = body['tool_choice'] === 'none' ? [] : listOf(tools).flatMap(declarationsOf)
      const schema = schemaOf(body)
      return {
        features: {
          text: sum(told.map((one) => countValue(one, countText))),
          tools: sum(declared.map((one) => countText(declaredText(one, showsJson)))),
          declarations: declared.length,
          isForced: declared.length > 0 && isForced(body),
          schema: schema === undefined ? 0 : countText(JSON.stringify(schema)),
          thinks: isToldToThink(body),
        },
        frame: frameOf(body, first),
      }
    },
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}

/** Gemini's tools hold several. */
function declarationsOf(tool: unknown): readonly unknown[] {
  const { functionDeclarations, function_declarations: older } = tool as JsonObject
  const several = functionDeclarations ?? older
  return Array.isArray(several) ? several : [tool]
}

function isForced({ tool_choice: choice, toolConfig }: JsonObject): boolean {
  const { functionCallingConfig } = objectOf(toolConfig)
  const { type } = objectOf(choice)
  const { mode } = objectOf(functionCallingConfig)
  return [choice, type, mode].some(
    (one) => typeof one === 'string' && forced.has(one.toLowerCase()),
  )
}

const forced = new Set(['any', 'required', 'tool', 'function'])

/** The schema that the answer must have, in the words of any wire. */
function schemaOf(body: JsonObject): unknown {
  const { response_format, text, output_config, output_format, generationConfig } = body
  const inChat = objectOf(objectOf(response_format)['json_schema'])
  const format = objectOf(
    objectOf(text)['format'] ?? objectOf(output_config)['format'] ?? output_format,
  )
  const { responseSchema, responseJsonSchema } = objectOf(generationConfig)
  return inChat['schema'] ?? format['schema'] ?? responseJsonSchema ?? responseSchema ?? undefined
}

function isToldToThink({ thinking, reasoning_effort: effort }: JsonObject): boolean {
  if (typeof effort === 'string') return effort !== 'none'
  return objectOf(thinking)['type'] === 'enabled'
}

function objectOf(value: unknown): JsonObject {
  return (value ?? {}) as JsonObject
}

/** What is said of a tool: a provider leaves out the members that say nothing. */
function declaredText(tool: unknown, showsJson: boolean): string {
  const { function: inner } = tool as JsonObject
  const { name, description, ...rest } = (inner ?? tool) as JsonObject
  const schema = Object.values(rest).find((one) => objectOf(one)['properties'] !== undefined)
  const said: string[] = [name, description].filter((one) => typeof one === 'string')
  if (showsJson) said.push(JSON.stringify(schema ?? noParameters, withoutTitles))
  else said.push(...wordsOf(schema))
  return said.join('\n')
}

const noParameters = { type: 'object', properties: {} }

/** Names and descriptions of what a schema has. */
function wordsOf(schema: unknown): readonly string[] {
  const { properties, items } = objectOf(schema)
  const words = Object.entries(objectOf(properties)).flatMap(([name, value]) => {
    const { description } = objectOf(value)
    return [name, ...(typeof description === 'string' ? [description] : []), ...wordsOf(value)]
  })
  return items === undefined ? words : [...words, ...wordsOf(items)]
}

function withoutTitles(name: string, value: unknown): unknown {
  const isTitle = (name === 'title' || name === '$schema') && typeof value === 'string'
  return isTitle || name === 'additionalProperties' ? undefined : value
}

const ownItems = new Set(['reasoning', 'function_call', 'custom_tool_call'])

function authorOf(value: unknown): Author {
  const { role, type } = value as JsonObject
  if (type === 'compaction') return 'compaction'
  const isOwn =
    role === 'assistant' || role === 'model' || (typeof type === 'string' && ownItems.has(type))
  if (isOwn) return thought.test(JSON.stringify(value)) ? 'model-with-thoughts' : 'model'
  return stepsOf(value).results > 0 ? 'tool' : 'other'
}

function stepsOf(value: unknown): Steps {
  const { role, type, content, parts, tool_calls: calls } = value as JsonObject
  const inside = [...listOf(content), ...listOf(parts)]
  const isCall = type === 'function_call' || type === 'custom_tool_call'
  const isResult =
    role === 'tool' || role === 'function' || (typeof type === 'string' && type.endsWith('_output'))
  return {
    calls: (isCall ? 1 : 0) + listOf(calls).length + inside.filter(isCallPart).length,
    results: isResult ? 1 : inside.filter(isResultPart).length,
  }
}

function isCallPart(part: unknown): boolean {
  const given = Object(part) as JsonObject
  return given['type'] === 'tool_use' || 'functionCall' in given || 'function_call' in given
}

function isResultPart(part: unknown): boolean {
  const given = Object(part) as JsonObject
  return (
    given['type'] === 'tool_result' || 'functionResponse' in given || 'function_response' in given
  )
}

const thought =
  /"(?:thoughtSignature|thought_signature|encrypted_content|signature|thinking|reasoning_content|reasoning|reasoning_details)":\s*["[{]/
