import type { ToolResultForm } from 'holdfast'
import { isBubble } from './bubble.ts'

/** What a ToolMessage consists of. The id of its call is not part of what is stored: each execution has its own. */
interface Fields {
  readonly content: unknown
  readonly status?: unknown
  readonly name?: unknown
  readonly artifact?: unknown
  readonly metadata?: unknown
  readonly additional_kwargs?: unknown
  readonly response_metadata?: unknown
}

type ToolMessageClass = new (fields: Fields & { readonly tool_call_id: string }) => object

let ToolMessage: ToolMessageClass | undefined

/** Takes note of LangChain's class of tool messages, to make them of what was stored. */
export function knowToolMessages(exports: Readonly<Record<string, unknown>>): void {
  if (typeof exports['ToolMessage'] !== 'function') {
    throw new TypeError('the module exports no class ToolMessage')
  }
  ToolMessage = exports['ToolMessage'] as ToolMessageClass
}

/** Results of the tool call with that id. */
export function toolResults(toolCallId: string | undefined): ToolResultForm {
  return {
    store(value) {
      if (!isToolMessage(value)) return undefined
      const { content, status, name, artifact, metadata } = value
      const { additional_kwargs, response_metadata } = value
      const fields = { content, status, name, artifact, metadata }
      return JSON.parse(JSON.stringify({ ...fields, additional_kwargs, response_metadata }))
    },
    restore(stored) {
      const fields = stored as Fields
      // Without the class nobody can have asked for a message.
      if (ToolMessage === undefined) return fields.content
      return new ToolMessage({ ...fields, tool_call_id: toolCallId ?? '' })
    },
    // `interrupt()` leaves a tool by throwing; when the graph goes on, the tool is called again.
    isPause: isBubble,
  }
}

function isToolMessage(value: unknown): value is Fields {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as { lc_direct_tool_output?: unknown }).lc_direct_tool_output === true &&
    (value as { type?: unknown }).type === 'tool'
  )
}
