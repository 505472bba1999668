import type { Check } from '../finding.ts'

/** Runs that do not say which prompt they work with. */
export const promptVersions: Check = ({ calls: { calls, withoutPromptVersion } }) => {
  if (withoutPromptVersion === undefined || withoutPromptVersion === 0) return []
  return [
    {
      severity: 'advice',
      problem: 'a change of a prompt cannot be told from a change of the model',
      evidence: `${withoutPromptVersion} of ${calls} calls without a promptVersion`,
      add: `run({ promptVersion: 'support-7', … }, work)`,
      to: 'code',
    },
  ]
}
