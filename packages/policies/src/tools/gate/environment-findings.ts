import { environment } from '../validators/shell/wrappers.ts'
import type { ArgumentFinding } from './inspect-arguments.ts'
import type { KnownTool } from './known-tools.ts'

const names = ['env', 'environment', 'env_vars', 'environment_variables']

/** What a tool that runs something is told to put into the environment of it: as names, as `NAME=value`, or as an object. */
export function environmentFindings(
  { toolClass }: KnownTool,
  args: unknown,
): readonly ArgumentFinding[] {
  if (toolClass !== 'exec' || typeof args !== 'object' || args === null) return []
  const findings: ArgumentFinding[] = []
  for (const name of names) {
    const given: unknown = Reflect.get(args, name)
    if (typeof given !== 'object' || given === null) continue
    for (const [at, value] of Object.entries(given)) {
      const assignment = Array.isArray(given) ? value : `${at}=${value}`
      if (typeof assignment !== 'string') continue
      environment(assignment, (rule, reason) =>
        findings.push({ rule, reason, verdict: 'ask', paths: [[name, at]] }),
      )
    }
  }
  return findings
}
