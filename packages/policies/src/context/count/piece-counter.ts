import { countValue } from './count-value.ts'
import { estimateText } from './estimate-text.ts'
import type { CountText } from './encoding.ts'
import { openaiToolsText } from './openai-tools.ts'
import type { Author, PieceCounter } from './prefix-counts.ts'

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
    around(body) {
      const { instructions, input } = body
      // The answer begins with marks, too.
      let text = thinks ? 2 : 3
      if (typeof instructions === 'string') text += countText(instructions) + messageTokens
      if (typeof input === 'string') text += countText(input) + messageTokens
      const schema = schemaOf(body)
      if (schema !== undefined) text += countText(JSON.stringify(schema))
      let tokens = 0
      const tools = listOf(body['tools'] ?? body['functions'])
      if (tools.length > 0) {
        tokens += countText(openaiToolsText(tools)) + 9
        if (thinks && 'messages' in body && /^gpt-5(-|$)/.test(model)) tokens += 80
      }
      return { text, tools: tokens }
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

function schemaOf({ response_format: output, text }: JsonObject): unknown {
  const format =
    (output as JsonObject | null)?.['json_schema'] ?? (text as JsonObject | null)?.['format']
  return (format as JsonObject | null | undefined)?.['schema']
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Estimates, for whom no tokeniser is published; what they come to in tokens is learnt. */
export const estimatedPieces: PieceCounter = {
  element: (value) => countValue(value, estimateText),
  authorOf,
  around({ tools, system, instructions, input, prompt, ...rest }) {
    const told = [system, instructions, input, prompt, rest['systemInstruction']]
    return {
      text: told.reduce<number>((sum, one) => sum + countValue(one, estimateText), 0),
      tools: listOf(tools).reduce<number>((sum, one) => sum + estimateText(declared(one)), 0),
    }
  },
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
  const { role, type } = value as JsonObject
  const isOwn =
    role === 'assistant' || role === 'model' || (typeof type === 'string' && ownItems.has(type))
  if (!isOwn) return 'other'
  const text = JSON.stringify(value)
  const thought = /"(?:thoughtSignature|thought_signature|encrypted_content|signature|thinking)":"/
  return thought.test(text) ? 'model-with-thoughts' : 'model'
}
