import { basename } from 'node:path'
import type { Check } from '../finding.ts'

/** Keys that several environments have in common. */
export const sharedKeys: Check = ({ environmentFiles }) => {
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
