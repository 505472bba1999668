import { hash } from 'node:crypto'
import type { ConfigurationLoaded } from '@holdfast/audit'
import { canonicalArguments } from '@holdfast/core'
import type { HoldfastOptions } from '../options.ts'

/** What the audit log says of the options: their version, and the rules that somebody wrote down. No key, and no value of one. */
export function configurationOf(options: HoldfastOptions): ConfigurationLoaded {
  const rules = new Set<string>()
  const shown = withoutKeys(options, '', rules)
  return {
    kind: 'configuration-loaded',
    configuration: canonicalArguments(shown).hash,
    rules: [...rules].toSorted(),
  }
}

const keyName = /key|token|secret|password|credential|authorization|headers$/i

/** The options as they can be hashed: without what opens something, functions by the hash of their text. */
function withoutKeys(value: unknown, name: string, rules: Set<string>): unknown {
  if (typeof value === 'function') return `function ${hash('sha256', String(value))}`
  if (keyName.test(name) && typeof value !== 'number' && typeof value !== 'boolean') return 'a key'
  if (typeof value === 'string') return value.replace(/\/\/[^\s/@]*@/, '//')
  if (value instanceof RegExp) return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    return value.map((member: unknown) => {
      if (name === 'rules') collectRule(member, rules)
      return withoutKeys(member, '', rules)
    })
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return `a ${value.constructor.name}`
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, withoutKeys(member, key, rules)]),
  )
}

function collectRule(rule: unknown, rules: Set<string>): void {
  if (typeof rule !== 'object' || rule === null || !('name' in rule)) return
  if (typeof rule.name === 'string') rules.add(rule.name)
}
