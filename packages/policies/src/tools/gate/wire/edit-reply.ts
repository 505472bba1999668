import { assemble, canonicalArguments, HoldfastError } from '@holdfast/core'
import type { LlmCall, ReplyEvent, ToolCallEdit } from '@holdfast/core'
import type { Outcome } from './vetting.ts'
import type { Proposal } from './proposals.ts'

/** A proposed call, and what became of it. */
export interface Resolved {
  readonly proposal: Proposal
  readonly outcome: Outcome
}

/** The part of a reply that holds tool calls. */
export interface HeldPart {
  readonly call: LlmCall
  readonly streaming: boolean
  readonly contentType: string | null
  readonly bytes: Uint8Array
  readonly events: readonly ReplyEvent[]
  /** Calls that were handed up before, as they stood. */
  readonly before: readonly Proposal[]
  /** Something of the reply has been handed up. */
  readonly isBegun: boolean
  /** The model has said something before. */
  readonly hasText: boolean
}

/**
 * The same part, with a text in place of each refused call and with the arguments that a person has changed.
 * @throws HoldfastError TOOL_REFUSED where the format cannot say that.
 */
export function editedPart(
  part: HeldPart,
  resolved: readonly Resolved[],
): { readonly bytes: Uint8Array; readonly events: readonly ReplyEvent[] } {
  let hasText = part.hasText || part.events.some(({ type }) => type === 'text-delta')
  const edits = resolved.map(
    ({ proposal: { choice, id }, outcome }): ToolCallEdit & { id: string } => {
      if (outcome.as === 'edited') return { choice, id, arguments: outcome.arguments }
      if (outcome.as === 'stands') return { choice, id }
      const text = hasText ? `\n\n${outcome.text}` : outcome.text
      hasText = true
      return { choice, id, text }
    },
  )
  const events = editedEvents(part, resolved, edits)
  const bytes = editedBytes(part, edits, events)
  if (bytes === undefined || !holdsOnly(bytes, part, resolved)) throw cannotSay(part, resolved)
  return { bytes, events }
}

function editedBytes(
  { call, streaming, bytes, before, isBegun }: HeldPart,
  edits: readonly ToolCallEdit[],
  events: readonly ReplyEvent[],
): Uint8Array | undefined {
  const { format, model, request } = call
  if (format.editToolCalls !== undefined) {
    const choicesWithCalls = new Set(before.map(({ choice }) => choice))
    return format.editToolCalls(bytes, edits, { streaming, choicesWithCalls })
  }
  const writer = isBegun ? undefined : format.replyWriter?.({ streaming, model, request })
  if (writer === undefined) return undefined
  const pieces = events.map((event) => writer.write(event))
  return Buffer.concat([...pieces, writer.end()])
}

/** What the edited reply says. */
function editedEvents(
  { events, before }: HeldPart,
  resolved: readonly Resolved[],
  edits: readonly ToolCallEdit[],
): readonly ReplyEvent[] {
  const of = (event: { choice: number; index: number }): ToolCallEdit | undefined =>
    edits[
      resolved.findLastIndex(
        ({ proposal }) => proposal.choice === event.choice && proposal.index === event.index,
      )
    ]
  const calling = new Set(before.map(({ choice }) => choice))
  for (const { choice, text } of edits) if (text === undefined) calling.add(choice)
  return events.flatMap((event): readonly ReplyEvent[] => {
    if (event.type === 'tool-call-start') {
      const { choice, index } = event
      const { text, arguments: json } = of(event) ?? {}
      if (text !== undefined) return [{ type: 'text-delta', choice, text }]
      if (json === undefined) return [event]
      return [event, { type: 'tool-call-delta', choice, index, arguments: json }]
    }
    if (event.type === 'tool-call-delta') {
      const { text, arguments: json } = of(event) ?? {}
      return text === undefined && json === undefined ? [event] : []
    }
    if (event.type === 'finish' && event.reason === 'tool-calls' && !calling.has(event.choice)) {
      return [{ ...event, reason: 'stop', raw: '' }]
    }
    return [event]
  })
}

/** Read once more: no other call than those that stand may be in there, and they have to be. */
function holdsOnly(bytes: Uint8Array, part: HeldPart, resolved: readonly Resolved[]): boolean {
  const { call, streaming, contentType, before } = part
  const reader = call.format.replyReader({ operation: 'chat', streaming, contentType })
  const { toolCalls, choices } = assemble([...reader.push(bytes), ...reader.end()])
  const found = (choices?.flatMap((choice) => choice.toolCalls) ?? toolCalls).map(named)
  const standing = resolved.flatMap(({ proposal, outcome }) => {
    if (outcome.as === 'said') return []
    return [
      named(outcome.as === 'edited' ? { ...proposal, arguments: outcome.arguments } : proposal),
    ]
  })
  const allowed = new Set([...standing, ...before.map(named)])
  return found.every((one) => allowed.has(one)) && standing.every((one) => found.includes(one))
}

function named({ name, arguments: json }: Pick<Proposal, 'name' | 'arguments'>): string {
  return `${name} ${canonicalArguments(json.trim() === '' ? '{}' : json).hash}`
}

function cannotSay({ call }: HeldPart, resolved: readonly Resolved[]): HoldfastError {
  const refused = resolved.flatMap(({ proposal, outcome }) =>
    outcome.as === 'said' ? [outcome.text] : [`${proposal.name} may not be called as proposed.`],
  )
  return new HoldfastError(
    'TOOL_REFUSED',
    `${refused.join(' ')} A reply of ${call.format.name} cannot be changed to say so`,
  )
}
