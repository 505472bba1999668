import { optionAt } from '../facts.ts'
import type { Check } from '../finding.ts'

/** Nothing stops an agent that goes in circles, or spends too much. */
export const caps: Check = ({ options, calls }) => {
  const set = optionAt(options, 'governance.caps')
  const hasCaps = Array.isArray(set) ? set.length > 0 : set !== undefined
  if (optionAt(options, 'governance') !== false && hasCaps) return []
  const budget = optionAt(options, 'reliability.budget')
  if (budget !== undefined && budget !== false) return []
  return [
    {
      severity: calls.calls > 0 ? 'critical' : 'warning',
      problem: 'nothing stops an agent that goes in circles or spends too much',
      evidence: 'neither governance.caps nor reliability.budget is set',
      add: "governance: { caps: { per: 'run', maxIterations: 50, maxTokens: 500_000 } }",
      to: 'options',
    },
  ]
}
