import { classifyTool, hasEffect } from '@holdfast/policies/tools'
import type { ToolClass } from '@holdfast/policies/tools'
import { optionAt } from '../facts.ts'
import type { DoctorFacts, SeenTool } from '../facts.ts'
import { member, named } from '../finding.ts'
import type { Check } from '../finding.ts'

/** Tools with an effect that do not say whether they may be run again after a crash. */
export const retrySemantics: Check = (facts) => {
  const silent = effectfulTools(facts).filter(
    ({ name, isDeclared }) =>
      !isDeclared &&
      Reflect.get(Object(optionAt(facts.options, 'journal.tools')), name) === undefined,
  )
  const [first] = silent
  if (first === undefined) return []
  return [
    {
      severity: 'warning',
      problem: 'these tools change something and do not say what to do when a crash cuts them off',
      evidence: `${named(silent.map(({ name }) => name))}; each is asked about`,
      add: `journal: { tools: { ${member(first.name)}: 'ask' } }   // or 'retry' where calling it twice does no harm`,
      to: 'options',
    },
  ]
}

/** The tools that change something, as far as anybody can tell. */
export function effectfulTools({ tools, options }: DoctorFacts): readonly SeenTool[] {
  return tools.filter((tool) => {
    const declared = optionAt(options, `tools.declare.${tool.name}.class`)
    const toolClass = typeof declared === 'string' ? (declared as ToolClass) : undefined
    return hasEffect(classifyTool({ ...tool, toolClass }).toolClass)
  })
}
