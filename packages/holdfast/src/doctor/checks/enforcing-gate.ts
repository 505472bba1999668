import { optionAt } from '../facts.ts'
import { named } from '../finding.ts'
import type { Check } from '../finding.ts'
import { effectfulTools } from './retry-semantics.ts'

/** Tools with an effect that nothing stops. */
export const enforcingGate: Check = (facts) => {
  const gate = optionAt(facts.options, 'tools')
  const preset = optionAt(facts.options, 'tools.preset') ?? 'observe'
  if (gate !== false && preset !== 'observe') return []
  const effectful = effectfulTools(facts).map(({ name }) => name)
  return [
    {
      severity: effectful.length > 0 ? 'critical' : 'warning',
      problem: 'a hijacked model may call whatever tool it likes',
      evidence: `${gate === false ? 'the tool gate is off' : 'the tool gate only watches'}${effectful.length > 0 ? `; with an effect are ${named(effectful)}` : ''}`,
      add: `tools: { preset: 'guarded' }`,
      to: 'options',
    },
  ]
}
