import type { Mask } from './fingerprint.ts'

/** `times`: ISO 8601 dates and times; `uuids`; whatever a pattern finds; or a function of your own. */
export type Masker = 'times' | 'uuids' | RegExp | Mask

const known: Readonly<Record<'times' | 'uuids', RegExp>> = {
  times: /\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?/g,
  uuids: /\b[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}\b/gi,
}

/** All of them as one; undefined where there is none. They only decide what counts as the same request. */
export function maskOf(maskers: readonly Masker[]): Mask | undefined {
  if (maskers.length === 0) return undefined
  const masks = maskers.map((masker): Mask => {
    if (typeof masker === 'function') return masker
    const pattern = typeof masker === 'string' ? known[masker] : everywhere(masker)
    return (text) => text.replace(pattern, '*')
  })
  return (text) => masks.reduce((masked, mask) => mask(masked), text)
}

function everywhere(pattern: RegExp): RegExp {
  return pattern.global ? pattern : new RegExp(pattern, `${pattern.flags}g`)
}
