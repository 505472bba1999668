import type { Message } from '@holdfast/core'
import type { Pin } from '../options.ts'
import { isInput, isInstruction, unitsOf } from './units.ts'
import type { Unit } from './units.ts'

/** What of a conversation may be touched, and what stays word by word. */
export interface Layout {
  readonly units: readonly Unit[]
  /** Behind the task: everything before it stays. */
  readonly head: number
  /** Where the newest begins: everything from here on stays. */
  readonly tail: number
  /** Units in between that stay all the same. */
  readonly keeps: ReadonlySet<Unit>
}

export interface KeepRules {
  readonly keepNewest: number
  readonly pin: Pin | undefined
  /** Also what the current run has done may be touched, but for its input and the newest of it. */
  readonly insideRun: boolean
}

/** Says what stays: the task, the newest steps, the current run, open tool calls, pinned messages. */
export function layoutOf(messages: readonly Message[], rules: KeepRules): Layout {
  const units = unitsOf(messages)
  const task = messages.findIndex(isInput)
  const head = units.find(({ end }) => end > task)?.end ?? 0
  const newest = units.at(-rules.keepNewest)?.start ?? 0
  const input = messages.findLastIndex(isInput)
  const inputUnit = units.find(({ start, end }) => start <= input && input < end)
  const tail = Math.max(
    head,
    rules.insideRun || inputUnit === undefined ? newest : Math.min(newest, inputUnit.start),
  )
  const isPinned = pinning(rules.pin)
  const keeps = new Set(
    units.filter((unit) => {
      if (unit === inputUnit) return true
      const said = messages.slice(unit.start, unit.end)
      return said.some((one) => isInstruction(one) || isPinned(one)) || isOpen(said)
    }),
  )
  return { units, head, tail, keeps }
}

/** The test that the option `pin` stands for. */
export function pinning(pin: Pin | undefined): (message: Message) => boolean {
  if (pin === undefined) return () => false
  if (typeof pin === 'function') return pin
  return (message) => JSON.stringify(message.parts).includes(JSON.stringify(pin).slice(1, -1))
}

/** A tool was called that has not answered. */
function isOpen(messages: readonly Message[]): boolean {
  let open = 0
  for (const { parts } of messages) {
    for (const { type } of parts) {
      if (type === 'tool-call') open++
      else if (type === 'tool-result') open--
    }
  }
  return open > 0
}
