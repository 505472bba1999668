import type { Call, Run } from '@holdfast/core'
import type { PartialRun } from './caps/cap-reached-error.ts'
import type { ConfidenceReview } from './confidence/options.ts'
import type { LoopFinding, LoopMessage } from './loops/options.ts'

/** What a person needs to take over. */
export type Escalation = LoopEscalation | ConfidenceEscalation

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

/** An answer whose score is too low to go on with. */
export interface ConfidenceEscalation extends ConfidenceReview {
  readonly kind: 'confidence'
  /** What the run has had so far. */
  readonly soFar: Omit<PartialRun, 'text'>
}

/** Tells a person what to look at. */
export function escalate(
  tell: ((escalation: Escalation) => unknown) | undefined,
  escalation: Escalation,
): void {
  notify(tell, escalation, 'onEscalate')
}

/** Tells somebody; that their code breaks is no reason to end a run. */
export function notify<T>(tell: ((about: T) => unknown) | undefined, about: T, name: string): void {
  if (tell === undefined) return
  const warn = (error: unknown): void => {
    const what = error instanceof Error ? error.name : typeof error
    process.emitWarning(`[holdfast] governance.${name} failed: ${what}`)
  }
  try {
    Promise.resolve(tell(about)).catch(warn)
  } catch (error) {
    warn(error)
  }
}

/** For escalations: the call's id and run. */
export function whose({ id: callId, run }: Call): {
  readonly callId: string
  readonly run: Run | undefined
} {
  return { callId, run }
}
