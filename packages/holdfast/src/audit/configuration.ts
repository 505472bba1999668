import type { AuditPermission, ConfigurationLoaded } from '@holdfast/audit'
import { canonicalArguments } from '@holdfast/core'
import { shownOptions } from '../config/shown-options.ts'
import type { HoldfastOptions } from '../options.ts'

/** What the audit log says of the options: their version, and what somebody wrote down as rules. No key, and no value of one. */
export function configurationOf(options: HoldfastOptions): ConfigurationLoaded {
  const { tools, security } = options
  const gate = typeof tools === 'object' ? tools : {}
  const { rules = [] } = (typeof security === 'object' ? security.permissions : undefined) ?? {}
  const named = [...(gate.rules ?? []), ...(gate.flows ?? [])].flatMap(({ name }) => name ?? [])
  // What only denies is used where it has denied; what allows, where somebody does what it allows.
  const denials = rules.flatMap(({ name, tools: list, models, hosts }) =>
    [list, models, hosts].some((access) => access?.allow !== undefined)
      ? []
      : `permissions.${name}`,
  )
  return {
    kind: 'configuration-loaded',
    configuration: canonicalArguments(shownOptions(options)).hash,
    rules: [...named, ...denials],
    permissions: rules.flatMap(({ name, agent, tools: list }): AuditPermission[] =>
      list?.allow === undefined
        ? []
        : [{ rule: name, agents: typeof agent === 'string' ? [agent] : agent, tools: list.allow }],
    ),
  }
}
