import { createHash } from 'node:crypto'

/** Variables by name, as a process is given them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What is shown of an environment, and decided about. Values may be secrets: none is among it. */
export interface ShownEnvironment {
  /** The names of variables that are other than this process has them itself. */
  readonly env?: readonly string[]
  /** Stands for their values, but for those of secrets: an approval for one environment is none for another one. */
  readonly envHash?: string
}

/** What is shown of the environment that a server is given. */
export function shownEnvironment(
  given: Environment = {},
  own: Environment = process.env,
): ShownEnvironment {
  const other = Object.keys(given)
    .filter((name) => given[name] !== undefined && given[name] !== own[name])
    .toSorted()
  if (other.length === 0) return {}
  const bound = other.filter((name) => !isSecret(name))
  if (bound.length === 0) return { env: other }
  const values = bound.map((name) => [name, withoutUser(given[name] ?? '')])
  return {
    env: other,
    envHash: createHash('sha256').update(JSON.stringify(values)).digest('hex'),
  }
}

/** The environment with those of its variables that were decided about. */
export function decidedEnvironment(
  given: Environment,
  asked: ShownEnvironment,
  decided: ShownEnvironment,
): Environment {
  const left = new Set(decided.env)
  const without = new Set((asked.env ?? []).filter((name) => !left.has(name)))
  return Object.fromEntries(Object.entries(given).filter(([name]) => !without.has(name)))
}

/** Keys and passwords change without changing what runs. Git's settings are named by variables of this form. */
function isSecret(name: string): boolean {
  return (
    /(?:^|_)(?:\w*KEY|TOKENS?|SECRETS?|PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|CREDENTIALS?|AUTH|COOKIE)(?:_|$)/i.test(
      name,
    ) && !/^GIT_CONFIG_/i.test(name)
  )
}

/** A URL may name who asks, and a password. */
function withoutUser(value: string): string {
  return value.replaceAll(/\/\/[^/@\s]*@/g, '//')
}
