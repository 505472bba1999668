/** Names of which one has to fit; `*` stands for anything. */
export type Globs = string | readonly string[]

/** Tells whether a name fits; without globs every name does. Upper and lower case are the same. */
export function globsFit(globs: Globs | undefined): (name: string) => boolean {
  if (globs === undefined) return () => true
  const patterns = (typeof globs === 'string' ? [globs] : globs).map(patternOf)
  return (name) => patterns.some((pattern) => pattern.test(name))
}

function patternOf(glob: string): RegExp {
  const literal = glob.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${literal.join('.*')}$`, 'is')
}
