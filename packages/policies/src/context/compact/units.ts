import type { Message } from '@holdfast/core'

/** Messages that stay or go together: a person's message, or a model's turn with the results of its tools. */
export interface Unit {
  readonly start: number
  /** Behind the last one. */
  readonly end: number
}

/** Cuts a conversation into units; no tool call is ever apart from its result. */
export function unitsOf(messages: readonly Message[]): Unit[] {
  const units: { start: number; end: number }[] = []
  const unitOfCall = new Map<string, number>()
  for (const [at, message] of messages.entries()) {
    const before = messages[at - 1]
    const hasResults = message.parts.some((part) => part.type === 'tool-result')
    const goesOn =
      before !== undefined &&
      (message.role === 'tool' || hasResults
        ? before.role !== 'user'
        : message.role === 'assistant' && before.role === 'assistant')
    if (goesOn) units[units.length - 1]!.end = at + 1
    else units.push({ start: at, end: at + 1 })
    for (const part of message.parts) {
      if (part.type === 'tool-call') unitOfCall.set(part.id, units.length - 1)
      else if (part.type === 'tool-result') {
        const called = unitOfCall.get(part.id)
        if (called === undefined || called === units.length - 1) continue
        // The result came late: all between belongs together.
        units.splice(called, units.length, { start: units[called]!.start, end: at + 1 })
        for (const [id, unit] of unitOfCall) if (unit > called) unitOfCall.set(id, called)
      }
    }
  }
  return units
}

/** True for what a person said; what a framework put in between with another role is none. */
export function isInput({ role, parts, extra }: Message): boolean {
  if (role !== 'user' || extra?.['role'] !== undefined) return false
  return parts.some((part) => part.type !== 'tool-result')
}

/** True for instructions in mid-conversation. */
export function isInstruction({ role, extra }: Message): boolean {
  const said = extra?.['role']
  return role === 'user' && (said === 'system' || said === 'developer')
}
