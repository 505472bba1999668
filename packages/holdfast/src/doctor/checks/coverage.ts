import type { Check } from '../finding.ts'
import { named } from '../finding.ts'

/** Calls that go by, and frameworks that could not be attached to. */
export const coverage: Check = ({ processes, proofs }) => {
  const reports = processes.map(({ report }) => report)
  const passing = reports.flatMap((report) => report.passing)
  const failed = reports.flatMap(({ adapters }) =>
    adapters.flatMap(({ adapter, failed: why }) => (why.length === 0 ? [] : [adapter])),
  )
  const unseenTools = reports.flatMap((report) => report.unseenTools.map(({ tool }) => tool))
  const unseen = proofs.filter(({ caught }) => !caught)
  const bugs = reports.flatMap((report) => report.bugs)
  return [
    ...(unseen.length === 0
      ? []
      : [
          {
            severity: 'warning' as const,
            problem: 'calls of these clients go by unseen: no policy holds for them',
            evidence: named(unseen.map(({ name, version, why }) => `${name} ${version} (${why})`)),
            add: 'fetch: holdfast.fetch   // where the client takes a fetch; else tell us',
            to: 'code' as const,
          },
        ]),
    ...(passing.length === 0
      ? []
      : [
          {
            severity: 'warning' as const,
            problem: 'model calls go by unseen: no policy holds for them',
            evidence: named(passing.map(({ host, path, why }) => `${host}${path} (${why})`)),
            add: 'holdfast.report().passing   // says why; use fetch or node:http with a known format',
            to: 'code' as const,
          },
        ]),
    ...(failed.length === 0
      ? []
      : [
          {
            severity: 'warning' as const,
            problem: 'what these frameworks do is seen in part: they could not be attached to',
            evidence: named([...new Set(failed)]),
            add: 'holdfast.report().adapters   // says what is not as expected',
            to: 'code' as const,
          },
        ]),
    ...(unseenTools.length === 0
      ? []
      : [
          {
            severity: 'warning' as const,
            problem:
              'models call these tools, and they run unseen: no policy holds for what they do',
            evidence: named([...new Set(unseenTools)]),
            add: 'wrapTools(tools)   // or leave their framework out of the bundle ("external")',
            to: 'code' as const,
          },
        ]),
    ...(bugs.length === 0
      ? []
      : [
          {
            severity: 'warning' as const,
            problem: 'mistakes inside Holdfast were kept away from the application',
            evidence: named([...new Set(bugs.map(({ where }) => where))]),
            add: 'holdfast.report().bugs   // tell us',
            to: 'code' as const,
          },
        ]),
  ]
}
