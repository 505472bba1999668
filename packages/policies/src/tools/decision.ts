/** What the gate does with something: lets it pass, asks a person, or refuses. */
export type Verdict = 'allow' | 'ask' | 'deny'

/** One thing that a validator noticed. */
export interface Finding {
  /** Stable name of the rule, e.g. `shell.recursive-delete`. */
  readonly rule: string
  /** What this rule alone asks for. */
  readonly verdict: 'ask' | 'deny'
  /** One sentence that a model or a person can act on. */
  readonly reason: string
}

/** The answer of a validator. */
export interface Decision {
  readonly decision: Verdict
  /** The reason of the strictest finding; empty where all is well. */
  readonly reason: string
  readonly findings: readonly Finding[]
}

/** Nothing stands against it. */
export const allowed: Decision = { decision: 'allow', reason: '', findings: [] }

/** Joins findings into one answer: the strictest one decides. */
export function decide(findings: readonly Finding[]): Decision {
  const first = findings.find(({ verdict }) => verdict === 'deny') ?? findings[0]
  return first === undefined ? allowed : { decision: first.verdict, reason: first.reason, findings }
}
