import { classifyTool } from '@holdfast/policies/tools'
import { optionAt } from '../facts.ts'
import { member, named } from '../finding.ts'
import type { Check } from '../finding.ts'

/** Tools of which nobody can tell what they do. */
export const classifiedTools: Check = ({ tools, options }) => {
  const declared = optionAt(options, 'tools.declare')
  const unknown = tools
    .filter((tool) => classifyTool(tool).from === 'unknown')
    .map(({ name }) => name)
    .filter((name) => optionAt({ declared }, `declared.${name}.class`) === undefined)
  if (unknown.length === 0) return []
  const lines = unknown.slice(0, 3).map((name) => `${member(name)}: { class: 'read-only' }`)
  return [
    {
      severity: 'warning',
      problem: 'nobody knows what these tools do, so they count as the most dangerous',
      evidence: named(unknown),
      add: `tools: { declare: { ${lines.join(', ')} } }`,
      to: 'options',
    },
  ]
}
