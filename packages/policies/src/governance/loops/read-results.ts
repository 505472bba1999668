import type { ToolResultPart } from '@holdfast/core'
import { objectAround } from '../json-text.ts'
import { textOf } from './text-of.ts'

/** What a tool call came to, as the next request tells it. */
export interface Result {
  readonly id: string
  readonly text: string
  readonly failed: boolean
}

/** What the formats that have ids call those of results. */
const names = ['tool_call_id', 'tool_use_id', 'toolUseId', 'call_id']

/** The results of these calls, found by their ids in the bytes of a request without reading the rest of it. */
export function resultsIn(json: string, ids: readonly string[]): Result[] {
  return ids.flatMap((id) => {
    const at = id === '' ? -1 : json.lastIndexOf(`"${id}"`)
    if (at < 0) return []
    const result = resultOf(objectAround(json, at))
    return result?.id === id ? [result] : []
  })
}

/** The ids of the results at the end of a request. */
export function lastResultIds(json: string): string[] {
  const ids: string[] = []
  for (const name of names) {
    const member = `"${name}"`
    for (let at = json.lastIndexOf(member); at >= 0; at = json.lastIndexOf(member, at - 1)) {
      const id = /^\s*:\s*"([^"\\]{1,200})"/.exec(json.slice(at + member.length, at + 260))?.[1]
      if (id === undefined || ids.length === mostAtOnce) break
      ids.push(id)
    }
  }
  return ids
}

/** A part of a request that was read. */
export function resultOfPart({ id, parts, isError }: ToolResultPart): Result {
  return { id, text: textOf(parts), failed: isError === true }
}

const mostAtOnce = 32

/** The result that an object of one of the formats is; undefined for a call, which has the same id. */
function resultOf(json: string | undefined): Result | undefined {
  if (json === undefined) return undefined
  let value: Record<string, unknown>
  try {
    value = JSON.parse(json) as Record<string, unknown>
  } catch {
    return undefined
  }
  const id = names.map((name) => value[name]).find((one) => typeof one === 'string')
  if (typeof id !== 'string' || 'arguments' in value || 'input' in value) return undefined
  const failed = value['is_error'] === true || value['status'] === 'error'
  return { id, text: contentOf(value['content'] ?? value['output'] ?? value['result']), failed }
}

function contentOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return content === undefined ? '' : JSON.stringify(content)
  return content
    .map((part: unknown) => {
      const text = (part as { text?: unknown } | null)?.text
      return typeof text === 'string' ? text : JSON.stringify(part)
    })
    .join('')
}
