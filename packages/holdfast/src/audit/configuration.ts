import type { ConfigurationLoaded } from '@holdfast/audit'
import { canonicalArguments } from '@holdfast/core'
import { shownOptions } from '../config/shown-options.ts'
import type { HoldfastOptions } from '../options.ts'

/** What the audit log says of the options: their version, and the rules that somebody wrote down. No key, and no value of one. */
export function configurationOf(options: HoldfastOptions): ConfigurationLoaded {
  const shown = shownOptions(options)
  return {
    kind: 'configuration-loaded',
    configuration: canonicalArguments(shown).hash,
    rules: [...new Set(ruleNames(shown))].toSorted(),
  }
}

/** Names of what stands in lists of rules and flows, wherever in the options these are. */
function ruleNames(value: unknown, within = ''): string[] {
  if (typeof value !== 'object' || value === null) return []
  if (!Array.isArray(value)) {
    return Object.entries(value).flatMap(([name, member]) => ruleNames(member, name))
  }
  const own = ['rules', 'flows'].includes(within) ? value.flatMap(nameOf) : []
  return [...own, ...value.flatMap((member) => ruleNames(member))]
}

function nameOf(rule: unknown): string[] {
  if (typeof rule !== 'object' || rule === null || !('name' in rule)) return []
  return typeof rule.name === 'string' ? [rule.name] : []
}
