import type { CountText } from './encoding.ts'
import { mediaTokens } from './media.ts'

/** Members that no model reads as words: ids, kinds, signatures, what is only for caches. */
const silent = new Set([
  'annotations',
  'cache_control',
  'call_id',
  'detail',
  'encrypted',
  'encrypted_content',
  'id',
  'index',
  'is_error',
  'isError',
  'media_type',
  'mediaType',
  'mimeType',
  'mime_type',
  'phase',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'role',
  'signature',
  'status',
  'thoughtSignature',
  'thought_signature',
  'tool_call_id',
  'tool_use_id',
  'type',
])
/** Members that the model reads as the JSON text that they are. */
const json = new Set([
  'args',
  'input',
  'response',
  'input_schema',
  'parameters',
  'parametersJsonSchema',
])

/**
 * How many tokens a message of a request makes: in the words of its wire, or in neutral ones.
 *
 * @param showsJson false for models that are shown the values alone of what is JSON
 */
export function countValue(value: unknown, countText: CountText, showsJson = true): number {
  if (typeof value === 'string') return countText(value)
  if (typeof value === 'number' || typeof value === 'boolean') return 1
  if (typeof value !== 'object' || value === null) return 0
  let tokens = 0
  if (Array.isArray(value)) {
    for (const one of value as unknown[]) tokens += countValue(one, countText, showsJson)
    return tokens
  }
  const media = mediaTokens(value as Readonly<Record<string, unknown>>)
  if (media !== undefined) return media
  for (const [name, member] of Object.entries(value)) {
    if (silent.has(name)) continue
    tokens +=
      showsJson && json.has(name) && typeof member === 'object' && member !== null
        ? countText(JSON.stringify(member))
        : countValue(member, countText, showsJson)
  }
  return tokens
}
