import type { Check } from '../finding.ts'

/** Files that others on this machine may read. */
export const fileModes: Check = ({ files }) =>
  files
    .filter(({ mode }) => (mode & 0o077) !== 0)
    .map(({ path, what, mode, isOurs }) => ({
      severity: isOurs ? ('critical' as const) : ('warning' as const),
      problem: `others on this machine may ${(mode & 0o022) === 0 ? 'read' : 'change'} ${what}`,
      evidence: `${path} has mode ${(mode & 0o777).toString(8).padStart(4, '0')}`,
      add: `chmod ${(mode & 0o100) === 0 ? '600' : '700'} ${JSON.stringify(path)}`,
      to: 'shell' as const,
    }))
