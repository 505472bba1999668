import { optionAt } from '../facts.ts'
import type { Check } from '../finding.ts'

/** Decisions that nobody can look up afterwards, or that somebody may have changed. */
export const auditLog: Check = ({ options, environment }) => {
  const set = optionAt(options, 'audit')
  if (set === false || (set === undefined && !environment.has('HOLDFAST_AUDIT'))) {
    return [
      {
        severity: 'warning',
        problem: 'nobody can look up who decided what, and which tools ran',
        evidence: 'audit is off',
        add: 'audit: true',
        to: 'options',
      },
    ]
  }
  const isSigned =
    optionAt(options, 'audit.key') !== undefined || environment.has('HOLDFAST_AUDIT_KEY')
  const isAnchored = optionAt(options, 'audit.anchor') !== undefined
  return [
    ...(isSigned
      ? []
      : [
          {
            severity: 'advice' as const,
            problem: 'who can write the audit log can write it anew',
            evidence: 'neither audit.key nor HOLDFAST_AUDIT_KEY is set',
            add: 'HOLDFAST_AUDIT_KEY="$(openssl rand -base64 32)"',
            to: 'environment' as const,
          },
        ]),
    ...(isAnchored
      ? []
      : [
          {
            severity: 'advice' as const,
            problem: 'the last rows of the audit log can be cut off unseen',
            evidence: 'audit.anchor is not set',
            add: `audit: { anchor: '/mnt/elsewhere/heads.jsonl' }`,
            to: 'options' as const,
          },
        ]),
  ]
}
