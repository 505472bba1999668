import { serialize } from 'node:v8'
import type { ToolCall } from '@holdfast/core'
import { hashOf } from './hash.ts'

/** What a tool call is known again by. */
export interface AskedTool {
  readonly fingerprint: string
  /** The arguments as JSON, members in order. */
  readonly arguments: string
}

/**
 * Name and arguments, whether the framework hands them over as an object or as JSON text. Never the tool-call id.
 * @throws DataCloneError for arguments that nobody can write down
 */
export function readTool(call: ToolCall, mask?: (text: string) => string): AskedTool {
  const text = canonical(call.arguments)
  return { fingerprint: hashOf(`tool\n${call.name}\n${mask?.(text) ?? text}`), arguments: text }
}

function canonical(value: unknown): string {
  const plain = typeof value === 'string' ? parsed(value) : value
  try {
    return JSON.stringify(plain, sorted) ?? 'null'
  } catch {
    // A cycle or a bigint.
    return JSON.stringify(serialize(plain).toString('base64'))
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

function sorted(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const names = Object.keys(value)
  if (names.every((name, index) => index === 0 || (names[index - 1] ?? '') < name)) return value
  return Object.fromEntries(
    names.toSorted().map((name) => [name, (value as Record<string, unknown>)[name]]),
  )
}
