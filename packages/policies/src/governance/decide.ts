import type { Call, PolicyDecision } from '@holdfast/core'

/** Tells a decision; a listener that breaks is its own affair. */
export function decide(
  call: Call,
  decision: Omit<PolicyDecision, 'callId' | 'run' | 'subject' | 'enforced'> &
    Partial<Pick<PolicyDecision, 'subject' | 'enforced'>>,
): void {
  const { id: callId, run } = call
  const { enforced = true, subject = { kind: 'run', name: run?.id ?? '' }, ...rest } = decision
  try {
    call.emit({ type: 'decision-made', decision: { ...rest, enforced, subject, callId, run } })
  } catch {
    // Whoever listens reports its own bugs.
  }
}
