import { isDeepStrictEqual } from 'node:util'
import type { Usage } from '@holdfast/core'
import type { AssembledMessage } from '@holdfast/core'

/** What an answer says, in the words that every SDK's own result can be put into. */
export interface Answer {
  readonly choices: readonly AnswerChoice[]
  readonly usage: Usage | undefined
}

export interface AnswerChoice {
  readonly text: string
  readonly reasoning: string
  readonly refusal: string
  readonly toolCalls: readonly AnswerToolCall[]
  /** The provider's own word. */
  readonly finish: string | undefined
}

export interface AnswerToolCall {
  readonly id: string
  readonly name: string
  /** JSON text, or the parsed value where the SDK hands over nothing else. */
  readonly arguments: unknown
}

/** The same words for what Holdfast put together. */
export function answerOf(message: AssembledMessage): Answer {
  const choices = message.choices ?? [message]
  return {
    choices: choices.map((choice) => ({
      text: choice.text,
      reasoning: choice.reasoning,
      refusal: choice.refusal ?? '',
      toolCalls: choice.toolCalls,
      finish: choice.rawFinishReason,
    })),
    usage: message.usage,
  }
}

/** Where two answers differ, in one line; undefined when they say the same. */
export function difference(ours: Answer, theirs: Answer): string | undefined {
  if (ours.choices.length !== theirs.choices.length) {
    return `${ours.choices.length} choices, the SDK has ${theirs.choices.length}`
  }
  for (const [index, choice] of ours.choices.entries()) {
    const other = theirs.choices[index]
    if (other === undefined) continue
    for (const name of ['text', 'reasoning', 'refusal', 'finish'] as const) {
      if (choice[name] !== other[name]) return different(name, choice[name], other[name])
    }
    if (choice.toolCalls.length !== other.toolCalls.length) {
      return different('tool calls', choice.toolCalls, other.toolCalls)
    }
    for (const [at, call] of choice.toolCalls.entries()) {
      const same = other.toolCalls[at]
      if (same === undefined || !sameCall(call, same)) return different('tool call', call, same)
    }
  }
  return isDeepStrictEqual(ours.usage, theirs.usage)
    ? undefined
    : different('usage', ours.usage, theirs.usage)
}

function sameCall(ours: AnswerToolCall, theirs: AnswerToolCall): boolean {
  if (ours.id !== theirs.id || ours.name !== theirs.name) return false
  return typeof theirs.arguments === 'string'
    ? ours.arguments === theirs.arguments
    : isDeepStrictEqual(parsed(ours.arguments), theirs.arguments)
}

function parsed(value: unknown): unknown {
  try {
    return JSON.parse(String(value))
  } catch {
    return value
  }
}

function different(what: string, ours: unknown, theirs: unknown): string {
  return `${what}: ${short(ours)}, the SDK has ${short(theirs)}`
}

function short(value: unknown): string {
  const source = JSON.stringify(value) ?? 'nothing'
  return source.length > 160 ? `${source.slice(0, 100)} … ${source.slice(-50)}` : source
}

/** Token counts without the members that are not there. */
export function usage(counts: { readonly [name: string]: number | null | undefined }): Usage {
  return Object.fromEntries(
    Object.entries(counts).filter(([, count]) => typeof count === 'number'),
  ) as Usage
}
