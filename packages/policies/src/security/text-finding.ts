/** A stretch of text that should not go where it is going. */
export interface TextFinding {
  /** What it is: `secret.openai`, `pii.iban`. */
  readonly kind: string
  readonly start: number
  readonly end: number
}

/** Findings in order, without those that lie inside of others. */
export function withoutOverlaps<Finding extends TextFinding>(
  findings: readonly Finding[],
): readonly Finding[] {
  if (findings.length === 0) return findings
  const sorted = findings.toSorted((one, other) => one.start - other.start || other.end - one.end)
  const kept: Finding[] = []
  for (const finding of sorted) {
    const last = kept.at(-1)
    if (last === undefined || finding.start >= last.end) kept.push(finding)
    else if (finding.end - finding.start > last.end - last.start) kept[kept.length - 1] = finding
  }
  return kept
}
