import { apart } from '../inject/caller.ts'
import type { LineCaller, LineMemory } from '../inject/caller.ts'
import { lineOf } from '../inject/note.ts'
import { memoryMark } from '../remember/gate.ts'
import type { RememberOutcome } from '../remember/remember.ts'
import { memoryTools } from './definitions.ts'

/** What a call of a memory tool comes to, as the model is told. */
export interface ToolAnswer {
  readonly text: string
  readonly isError: boolean
}

/** Does what the model wants of memory. Never rejects. */
export async function answerCall(
  memory: LineMemory,
  caller: LineCaller,
  call: { readonly name: string; readonly arguments: string },
  bug: (error: unknown) => void,
): Promise<ToolAnswer> {
  const isSearch = call.name === memoryTools.search
  const text = textIn(call.arguments, isSearch ? 'query' : 'text')
  if (text === undefined) {
    const wanted = isSearch ? '{ "query": "…" }' : '{ "text": "…" }'
    return { text: `${call.name} takes ${wanted}.`, isError: true }
  }
  try {
    return { text: await (isSearch ? search : save)(memory, caller, text), isError: false }
  } catch (error) {
    bug(error)
    return { text: 'Memory cannot be reached at the moment.', isError: true }
  }
}

async function search(memory: LineMemory, caller: LineCaller, query: string): Promise<string> {
  const hits = await memory.recall({ ...apart(caller), query })
  if (hits.length === 0) return 'Nothing is known of that.'
  return [memoryMark.open, ...hits.map(lineOf), memoryMark.close].join('\n')
}

async function save(memory: LineMemory, caller: LineCaller, text: string): Promise<string> {
  return outcomeText(await memory.remember({ ...caller, text, by: 'agent' }))
}

function outcomeText(outcome: RememberOutcome): string {
  if (outcome.outcome === 'refused') return `Not kept: ${outcome.reason}.`
  return kept[outcome.outcome]
}

const kept = {
  stored: 'Kept.',
  superseded: 'Kept, in the place of what was known of that before.',
  merged: 'That is known already.',
} as const

function textIn(json: string, name: string): string | undefined {
  try {
    const value = (JSON.parse(json) as Record<string, unknown> | null)?.[name]
    return typeof value === 'string' && value.trim() !== '' ? value : undefined
  } catch {
    return undefined
  }
}
