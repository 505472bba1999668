import { optionAt } from '../facts.ts'
import type { Check } from '../finding.ts'

/** Questions that reach nobody. */
export const approvalChannels: Check = ({ options }) => {
  const preset = optionAt(options, 'tools.preset')
  const rules = optionAt(options, 'tools.rules')
  const asks =
    preset === 'guarded' || preset === 'strict' || JSON.stringify(rules ?? []).includes('"ask"')
  const channels = optionAt(options, 'approvals.channels')
  if (!asks || (Array.isArray(channels) && channels.length > 0)) return []
  return [
    {
      severity: 'warning',
      problem: 'what the gate asks reaches nobody, and is refused when its time is over',
      evidence: 'approvals.channels is empty; only holdfast approvals shows the questions',
      add: `approvals: { channels: [{ webhook: { url: 'https://…' } }] }`,
      to: 'options',
    },
  ]
}
