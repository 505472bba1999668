import { visibleText } from '@holdfast/policies/approvals'
import type { DoctorFacts } from '../../doctor/facts.ts'
import { reportRows, rowLines } from '../../doctor/report-rows.ts'
import type { Row } from '../../doctor/report-rows.ts'

const moduleNames = { esm: 'ESM', cjs: 'CommonJS' } as const

/** What of the application is caught, what goes by, and why. */
export function coverageText({ processes, proofs }: DoctorFacts): string {
  const proven = proofs.map(({ name, version, modules, caught, why = '' }): Row => {
    const copy = `${name} ${version} (${moduleNames[modules]})`
    return caught
      ? ['caught', `${copy}: shown by a call of its own`]
      : ['GOES BY', `${copy}: ${why}`]
  })
  const reported = reportRows(processes.map(({ report }) => report))
  const bundle: Row = [
    'bundle?',
    'no framework and no client that Holdfast knows was loaded as a module; add wrapTools(tools) for its tools',
  ]
  const isBundle = processes.every(({ packages }) => packages.length === 0)
  const rows = [...proven, ...reported, ...(isBundle ? [bundle] : [])]
  const visible = rows.map(([label, said]): Row => [label, visibleText(said)])
  return `\ncoverage\n${rowLines(visible, '  ')}`
}
