import { createHash } from 'node:crypto'
import { countValue } from './count-value.ts'
import { estimateText } from './estimate-text.ts'
import type { CountText } from './encoding.ts'
import { openaiToolsText } from './openai-tools.ts'
import type { Around, Author, PieceCounter } from './prefix-counts.ts'

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
      return countValue(value, countText) + messageTokens + aroundCalls(value)
    },
    authorOf,
    around(body, first) {
      const { instructions, input } = body
      // The answer begins with marks, too.
      let text = thinks ? 2 : 3
      if (typeof instructions === 'string') text += countText(instructions) + messageTokens
      if (typeof input === 'string') text += countText(input) + messageTokens
      text += schemaTokens(body, countText)
      let tokens = 0
      const tools = listOf(body['tools'] ?? body['functions'])
      if (tools.length > 0) {
        tokens += countText(openaiToolsText(tools)) + 9
        // They stand in the first message where that is the system's.
        if (!thinks && 'messages' in body && isSystem(first)) tokens -= 3
        if (thinks && 'messages' in body && /^gpt-5(-|$)/.test(model)) tokens += 80
      }
      return { text, tools: tokens, frame: frameOf(body, first) }
    },
  }
}

const messageTokens = 4

/** A call says to whom it goes; several at once are put into one of their own. */
function aroundCalls(value: unknown): number {
  const { type, tool_calls: calls } = value as JsonObject
  if (type === 'function_call') return 6
  const { length } = listOf(calls)
  return length === 0 ? 0 : length === 1 ? 7 : 14 * length
}

/** The form of the answer is told as a schema under its name; Chat Completions has more words around it. */
function schemaTokens({ response_format: output, text }: JsonObject, count: CountText): number {
  const inChat = (output as JsonObject | null | undefined)?.['json_schema']
  const format = inChat ?? (text as JsonObject | null | undefined)?.['format']
  const { schema, name } = (format ?? {}) as JsonObject
  if (schema === undefined || schema === null) return 0
  const told = count(JSON.stringify(schema, withoutClosing))
  const named = typeof name === 'string' ? count(name) : 0
  return told + (inChat === undefined ? named + 2 : 2 * named + 7)
}

function withoutClosing(name: string, value: unknown): unknown {
  return name === '$schema' || (name === 'additionalProperties' && value === false)
    ? undefined
    : value
}

function isSystem(value: unknown): boolean {
  const { role } = (value ?? {}) as JsonObject
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

/** Estimates, for whom no tokeniser is published; what they come to in tokens is learnt. */
export const estimatedPieces: PieceCounter = {
  element: (value) => countValue(value, estimateText),
  authorOf,
  around(body, first): Around {
    const { tools, system, instructions, input, prompt, systemInstruction } = body
    const told = [system, instructions, input, prompt, systemInstruction]
    // Mistral and xAI do not show their models tools that must not be called; as recorded answers show (2026-11-21).
    const areTold = body['tool_choice'] !== 'none'
    return {
      text: told.reduce<number>((sum, one) => sum + countValue(one, estimateText), 0),
      tools: areTold ? listOf(tools).reduce<number>(declaredTokens, 0) : 0,
      frame: frameOf(body, first),
    }
  },
}

function declaredTokens(sum: number, tool: unknown): number {
  return sum + estimateText(declared(tool))
}

/** What is said of a tool: a provider leaves out the members that say nothing. */
function declared(tool: unknown): string {
  const { functionDeclarations, function_declarations: older } = tool as JsonObject
  const several = functionDeclarations ?? older
  if (Array.isArray(several)) return several.map(declared).join('\n')
  const { function: inner } = tool as JsonObject
  const { name, description, ...rest } = (inner ?? tool) as JsonObject
  const schema = Object.values(rest).find(hasProperties)
  const said = [name, description].filter((one) => typeof one === 'string')
  return [...said, ...(schema === undefined ? [] : [JSON.stringify(schema, withoutTitles)])].join(
    '\n',
  )
}

function hasProperties(value: unknown): boolean {
  const properties = (value as JsonObject | null | undefined)?.['properties']
  return typeof properties === 'object' && properties !== null && Object.keys(properties).length > 0
}

function withoutTitles(name: string, value: unknown): unknown {
  const isTitle = (name === 'title' || name === '$schema') && typeof value === 'string'
  return isTitle || name === 'additionalProperties' ? undefined : value
}

const ownItems = new Set(['reasoning', 'function_call', 'custom_tool_call'])

function authorOf(value: unknown): Author {
  const { role, type, content, parts } = value as JsonObject
  const isOwn =
    role === 'assistant' || role === 'model' || (typeof type === 'string' && ownItems.has(type))
  if (isOwn) return thought.test(JSON.stringify(value)) ? 'model-with-thoughts' : 'model'
  const isResult =
    role === 'tool' ||
    role === 'function' ||
    (typeof type === 'string' && type.endsWith('_output')) ||
    [...listOf(content), ...listOf(parts)].some(isResultPart)
  return isResult ? 'tool' : 'other'
}

function isResultPart(part: unknown): boolean {
  const given = Object(part) as JsonObject
  return (
    given['type'] === 'tool_result' || 'functionResponse' in given || 'function_response' in given
  )
}

const thought =
  /"(?:thoughtSignature|thought_signature|encrypted_content|signature|thinking|reasoning_content|reasoning|reasoning_details)":\s*["[{]/
