import type { ToolResultForm } from 'holdfast'
import { isBubble } from './bubble.ts'
import { isCommand, restoredCommand, storedCommand } from './commands.ts'
import type { Answers } from './commands.ts'

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

/** Results of the tool call with that id: messages, and commands in which messages answer the call. */
export function toolResults(toolCallId: string | undefined): ToolResultForm {
  const answers: Answers = {
    isOwn: (value) => isToolMessage(value) && value.tool_call_id === toolCallId,
    store: (answer) => storedMessage(answer as Fields),
    restore: (stored) => restoredMessage(stored as Fields, toolCallId),
  }
  return {
    store(value) {
      if (isCommand(value)) return storedCommand(value, answers)
      return isToolMessage(value) ? storedMessage(value) : undefined
    },
    restore: (stored) => restoredCommand(stored, answers) ?? answers.restore(stored),
    // `interrupt()` leaves a tool by throwing; when the graph goes on, the tool is called again.
    isPause: isBubble,
  }
}

function storedMessage(message: Fields): unknown {
  const { content, status, name, artifact, metadata } = message
  const { additional_kwargs, response_metadata } = message
  const fields = { content, status, name, artifact, metadata }
  return JSON.parse(JSON.stringify({ ...fields, additional_kwargs, response_metadata })) as unknown
}

function restoredMessage(fields: Fields, toolCallId: string | undefined): unknown {
  // Without the class nobody can have asked for a message.
  if (ToolMessage === undefined) return fields.content
  return new ToolMessage({ ...fields, tool_call_id: toolCallId ?? '' })
}

function isToolMessage(value: unknown): value is Fields & { readonly tool_call_id?: unknown } {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as { lc_direct_tool_output?: unknown }).lc_direct_tool_output === true &&
    (value as { type?: unknown }).type === 'tool'
  )
}
