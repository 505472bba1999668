import { optionAt } from '../facts.ts'
import type { Check } from '../finding.ts'

/** Runs that end with the process, or that everybody who has the disk can read. */
export const journal: Check = ({ options, environment }) => {
  const set = optionAt(options, 'journal')
  if (set === false || (set === undefined && !environment.has('HOLDFAST_JOURNAL'))) {
    return [
      {
        severity: 'warning',
        problem: 'a run that is cut off is lost, and its effects may happen twice',
        evidence: 'journal is off',
        add: 'journal: true',
        to: 'options',
      },
    ]
  }
  const isEncrypted =
    optionAt(options, 'journal.encryption') !== undefined || environment.has('HOLDFAST_KEY')
  if (isEncrypted) return []
  return [
    {
      severity: 'warning',
      problem: 'what was said stands in the journal as it is',
      evidence: 'neither journal.encryption nor HOLDFAST_KEY is set',
      add: 'HOLDFAST_KEY="$(openssl rand -base64 32)"   # keep it where your keys are',
      to: 'environment',
    },
  ]
}
