import type { Step } from '@holdfast/lab'
import type { Cell } from './cell.ts'
import type { ToolPlace } from './truth.ts'

/** What an agent is asked to do: so many rounds of tool calls, one after the other, then the answer. */
export interface Work {
  readonly rounds: number
  /** How many calls a round has. */
  readonly slots: number
}

/** What a tool returns for a call; no two executions return the same. */
export function receiptFor({ step, slot }: ToolPlace, nonce: string): string {
  return `receipt ${step}.${slot} #${nonce}`
}

/** The receipts in a text, each once. */
export function receiptsIn(text: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const [receipt, place] of text.matchAll(/receipt (\d+\.\d+) #[\da-f]+/g)) {
    if (place !== undefined) found.set(place, receipt)
  }
  return found
}

/** Which step of the work a request is for, from 0: the first round that has not all of its receipts. */
export function stepOf(bodyText: string, { rounds, slots }: Work): number {
  const receipts = receiptsIn(bodyText)
  for (let step = 0; step < rounds; step++) {
    for (let slot = 0; slot < slots; slot++) if (!receipts.has(`${step}.${slot}`)) return step
  }
  return rounds
}

/** What the model says at a step; it depends on the step alone, ids aside. */
export function modelSays(step: number, work: Work, agent: Cell['agent']): Step {
  if (agent === 'kaiban') return { text: JSON.stringify(kaibanSays(step, work)) }
  if (step >= work.rounds) return { text: answerOf(work) }
  return {
    toolCalls: slotsOf(work).map((slot) => ({ name: 'record', arguments: { step, slot } })),
  }
}

/** KaibanJS asks for its tools in JSON, one at a time: its tool `record_all` makes the calls of a round. */
function kaibanSays(step: number, work: Work): unknown {
  if (step >= work.rounds) return { finalAnswer: answerOf(work) }
  const [action, actionInput] =
    work.slots === 1
      ? ['record', { step, slot: 0 }]
      : ['record_all', { step, slots: slotsOf(work) }]
  return { thought: `Round ${step} has to be recorded.`, action, actionInput }
}

function answerOf({ rounds, slots }: Work): string {
  return `All ${rounds} rounds of ${slots} are recorded.`
}

function slotsOf({ slots }: Work): number[] {
  return Array.from({ length: slots }, (_, slot) => slot)
}
