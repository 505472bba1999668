import type { Report } from '../report.ts'

/** A line of what is covered: what it is, in a word, and what there is to say. */
export type Row = readonly [label: string, said: string]

/** What processes see, for people: the tools of frameworks, the calls, what goes by, and why. */
export function reportRows(reports: readonly Report[]): readonly Row[] {
  const rows: Row[] = []
  for (const [adapter, { attached, failed }] of adaptersOf(reports)) {
    if (attached.size > 0) rows.push(['tools', `${adapter}: ${[...attached].join(', ')}`])
    for (const [module, why] of failed) {
      rows.push(['UNSEEN', `${module === adapter ? '' : `${adapter}: `}${module}: ${why}`])
    }
  }
  const unseen = counted(
    reports.flatMap(({ unseenTools }) => unseenTools),
    ({ tool, why }) => `${tool}: ${why}`,
  )
  for (const [what] of unseen) rows.push(['UNSEEN', `the tool ${what}`])
  const caught = counted(
    reports.flatMap((report) => report.caught),
    ({ host, format }) => `${host} (${format})`,
  )
  for (const [what, calls] of caught) rows.push(['calls', `${calls} caught at ${what}`])
  const passing = counted(
    reports.flatMap((report) => report.passing),
    ({ host, path, why }) => `${host}${path}: ${why}`,
  )
  for (const [what, calls] of passing) rows.push(['GONE BY', `${calls} at ${what}`])
  return rows
}

/** Rows as lines, the labels in a column. */
export function rowLines(rows: readonly Row[], before: string): string {
  const width = Math.max(0, ...rows.map(([label]) => label.length))
  return rows.map(([label, said]) => `${before}${label.padEnd(width)}  ${said}\n`).join('')
}

interface Attached {
  readonly attached: Set<string>
  readonly failed: Map<string, string>
}

function adaptersOf(reports: readonly Report[]): ReadonlyMap<string, Attached> {
  const rows = new Map<string, Attached>()
  for (const { adapter, attached, failed } of reports.flatMap((report) => report.adapters)) {
    const row = rows.get(adapter) ?? { attached: new Set(), failed: new Map() }
    rows.set(adapter, row)
    for (const file of attached) row.attached.add(packageOf(file))
    for (const { module, why } of failed) row.failed.set(module, why)
  }
  return rows
}

/** `@langchain/core/dist/tools/index.js` is one of many files of `@langchain/core`. */
function packageOf(file: string): string {
  return /^(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? file
}

function counted<Counted extends { readonly calls: number }>(
  counts: readonly Counted[],
  named: (counted: Counted) => string,
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const one of counts) sums.set(named(one), (sums.get(named(one)) ?? 0) + one.calls)
  return sums
}
