import type { Call, Run } from '@holdfast/core'
import type { PartialRun } from './caps/cap-reached-error.ts'
import type { LoopFinding, LoopMessage } from './loops/options.ts'

/** What a person needs to take over. */
export type Escalation = LoopEscalation

/** An agent goes in circles and did not stop when it was told. */
export interface LoopEscalation {
  readonly kind: 'loop'
  readonly run: Run | undefined
  readonly callId: string
  /** What repeats, and how often. */
  readonly finding: LoopFinding
  /** The last messages: who said how much. Their text only where `loops.showContent` is set. */
  readonly messages: readonly LoopMessage[]
  /** What the run has had so far. */
  readonly soFar: Omit<PartialRun, 'text'>
  readonly suggestion: string
}

/** Tells somebody; that their code breaks is no reason to end a run. */
export function escalate(
  tell: ((escalation: Escalation) => unknown) | undefined,
  escalation: Escalation,
): void {
  if (tell === undefined) return
  try {
    void Promise.resolve(tell(escalation)).catch(warn)
  } catch (error) {
    warn(error)
  }
}

function warn(error: unknown): void {
  const name = error instanceof Error ? error.name : typeof error
  process.emitWarning(`[holdfast] governance.onEscalate failed: ${name}`)
}

/** For escalations: the call's id and run. */
export function whose({ id: callId, run }: Call): { callId: string; run: Run | undefined } {
  return { callId, run }
}
