import { basename } from 'node:path'
import { optionAt } from '../facts.ts'
import type { DoctorFacts } from '../facts.ts'
import { named } from '../finding.ts'
import type { Check } from '../finding.ts'

/** Keys that several environments have in common, or of which nobody knows where they belong. */
export const sharedKeys: Check = (facts) => [...sharedInFiles(facts), ...untoldKeys(facts)]

const sharedInFiles: Check = ({ environmentFiles }) => {
  const places = new Map<string, { names: Set<string>; files: Set<string> }>()
  for (const { path, keys } of environmentFiles) {
    for (const [name, value] of Object.entries(keys)) {
      const place = places.get(value) ?? { names: new Set(), files: new Set() }
      place.names.add(name)
      place.files.add(basename(path))
      places.set(value, place)
    }
  }
  return [...places.values()]
    .filter(({ files }) => files.size > 1)
    .map(({ names, files }) => {
      const [name = 'KEY'] = names
      const all = [...files].toSorted()
      return {
        severity: 'critical' as const,
        problem: 'environments share a key: what leaks in one opens the other',
        evidence: `${[...names].join(', ')} is the same in ${all.join(' and ')}`,
        add: `${name}=…   # a key of its own in ${all.at(-1)}`,
        to: 'environment' as const,
      }
    })
}

function untoldKeys({ options, environment }: DoctorFacts): ReturnType<Check> {
  const keys = [...environment].filter((name) => /^[A-Z_]+_API_KEY$/.test(name))
  if (keys.length === 0 || optionAt(options, 'security.permissions.keys') !== undefined) return []
  return [
    {
      severity: 'advice',
      problem: 'a key of production is not told from one of development, and works in both',
      evidence: `security.permissions.keys is not set; there ${keys.length === 1 ? 'is' : 'are'} ${named(keys)}`,
      add: `security: { permissions: { keys: { production: ['sha256:…'] } } }`,
      to: 'options',
    },
  ]
}
