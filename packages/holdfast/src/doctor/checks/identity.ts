import type { Check } from '../finding.ts'

/** Calls of which nobody knows for whom they are. */
export const identity: Check = ({ calls: { calls, withoutRun, withoutUser, withoutAgent } }) => {
  if (calls === 0 || (withoutUser === 0 && withoutAgent === 0)) return []
  const evidence = [
    `${withoutUser} of ${calls} calls without a user`,
    `${withoutAgent} without an agent`,
    `${withoutRun} outside of any run`,
  ]
  return [
    {
      severity: 'warning',
      problem: 'nobody knows whose calls these are: no permission, cap or audit by user or agent',
      evidence: evidence.join(', '),
      add: `run({ user: userId, agent: 'support', session: threadId }, () => agent.invoke(input))`,
      to: 'code',
    },
  ]
}
