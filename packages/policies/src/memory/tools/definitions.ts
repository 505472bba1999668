import type { LlmRequest, ToolDefinition } from '@holdfast/core'
import type { MemoryToolsOptions } from '../inject/options.ts'

/** What the tools are called that models are offered. */
export const memoryTools = { search: 'memory_search', save: 'memory_save' } as const

const search: ToolDefinition = {
  name: memoryTools.search,
  description:
    'Searches what is known of this user from earlier conversations: facts, preferences, what happened. Ask with the words that the answer would have.',
  parameters: {
    type: 'object',
    properties: { query: { type: 'string', description: 'What to look for.' } },
    required: ['query'],
    additionalProperties: false,
  },
}

const save: ToolDefinition = {
  name: memoryTools.save,
  description:
    'Keeps something lasting that the user has said of themselves, for later conversations: a fact or a preference, as one plain sentence. Never passwords or keys, never what only matters now.',
  parameters: {
    type: 'object',
    properties: { text: { type: 'string', description: 'The sentence to keep.' } },
    required: ['text'],
    additionalProperties: false,
  },
}

/** The tools that this request can be offered; none where it says itself which tools there are to be called. */
export function toolsFor(
  { tools, toolChoice, extra }: LlmRequest,
  format: string,
  options: MemoryToolsOptions,
): readonly ToolDefinition[] {
  if (toolChoice !== undefined && toolChoice !== 'auto') return []
  // There the model cannot be asked again with what was said.
  if (extra['background'] === true || (extra['conversation'] ?? null) !== null) return []
  // https://ai.google.dev/gemini-api/docs/function-calling: not beside the tools that Google runs itself (2026-11-21).
  if (format === 'gemini' && tools.some(({ provider }) => provider !== undefined)) return []
  const offered = [
    ...(options.search === false ? [] : [search]),
    ...(options.save === false ? [] : [save]),
  ]
  return offered.some(({ name }) => tools.some((own) => own.name === name)) ? [] : offered
}
