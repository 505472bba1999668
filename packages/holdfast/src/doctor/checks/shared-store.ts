import { optionAt } from '../facts.ts'
import type { Check } from '../finding.ts'

/** What several processes count each for itself. */
export const sharedStore: Check = ({ options, processCount }) => {
  if (processCount < 2 || optionAt(options, 'store') !== undefined) return []
  const counted = [
    'governance.caps',
    'reliability.budget',
    'reliability.rateLimit',
    'reliability.concurrency',
  ].filter((place) => ![undefined, false].includes(optionAt(options, place) as undefined | false))
  return [
    {
      severity: counted.length > 0 ? 'critical' : 'advice',
      problem:
        counted.length > 0
          ? 'each process has its own limits: together they allow as many times more'
          : 'each process finds out for itself that a provider is down',
      evidence: `${processCount} processes and no store${counted.length > 0 ? `; set are ${counted.join(', ')}` : ''}`,
      add: `store: 'redis://…'   // or 'sqlite:.holdfast/limits.db' on one machine`,
      to: 'options',
    },
  ]
}
