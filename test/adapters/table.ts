import { allCells } from './cells.ts'

/** What vitest reports, as far as it is looked at. */
export interface TestReport {
  readonly testResults: readonly {
    readonly name: string
    readonly message?: string
    readonly assertionResults: readonly {
      /** Framework and version, then module system, loading and Node. */
      readonly ancestorTitles: readonly string[]
      readonly title: string
      readonly status: string
      readonly failureMessages?: readonly string[]
      readonly meta?: { readonly notInstalled?: boolean }
    }[]
  }[]
}

interface CellTests {
  passed: number
  notInstalled: number
  readonly failed: string[]
}

/** The matrix of cells, what went wrong in the red ones, and the count of green ones as the last line. */
export function table(report: TestReport): {
  readonly lines: readonly string[]
  readonly green: number
  readonly cells: number
} {
  const byVersion = cellsOf(report)
  const lines = [heading()]
  const problems: string[] = []
  let green = 0
  let cells = 0
  let missing = 0
  for (const [version, tests] of byVersion) {
    for (const modules of ['esm', 'cjs'] as const) {
      const row = allCells.filter((cell) => cell.modules === modules)
      const marks = row.map((cell) => {
        const name = `${cell.modules} | ${cell.loading} | Node ${cell.node}`
        const found = tests.get(name)
        if (found === undefined) return ' '
        if (found.notInstalled > 0) {
          missing++
          return '-'
        }
        cells++
        if (found.failed.length === 0 && found.passed > 0) {
          green++
          return '+'
        }
        const said = found.failed.length === 0 ? ['it did not start'] : found.failed
        problems.push(...said.map((line) => `${version} | ${name}: ${line}`))
        return 'X'
      })
      if (marks.some((mark) => mark !== ' ')) lines.push(rowOf(version, modules, marks))
    }
  }
  for (const { name, message, assertionResults } of report.testResults) {
    if (assertionResults.length === 0 && message !== undefined) {
      problems.push(`${name}: ${firstLine(message)}`)
      cells++
    }
  }
  const without =
    missing === 0 ? '' : ` (${missing} more NOT RUN: the registry could not be reached)`
  return {
    lines: [...lines, ...problems, `adapters: ${green} of ${cells} cells are green${without}`],
    green,
    cells,
  }
}

function cellsOf(report: TestReport): Map<string, Map<string, CellTests>> {
  const versions = new Map<string, Map<string, CellTests>>()
  const all = report.testResults.flatMap(({ assertionResults }) => assertionResults)
  for (const { ancestorTitles, title, status, failureMessages, meta } of all) {
    const [version, cell] = ancestorTitles
    if (version === undefined || cell?.includes(' | Node ') !== true) continue
    const tests = versions.get(version) ?? new Map<string, CellTests>()
    versions.set(version, tests)
    const found = tests.get(cell) ?? { passed: 0, notInstalled: 0, failed: [] }
    tests.set(cell, found)
    if (status === 'passed') found.passed++
    if (status === 'failed') found.failed.push(`${title}: ${firstLine(failureMessages?.[0])}`)
    if (meta?.notInstalled === true) found.notInstalled++
  }
  return versions
}

const wide = 52

function heading(): string {
  return `${'framework, version, modules'.padEnd(wide)}--import 22 24 26   import 22 24 26   late 22 24 26`
}

function rowOf(version: string, modules: string, marks: readonly string[]): string {
  const [a, b, c] = [marks.slice(0, 3), marks.slice(3, 6), marks.slice(6)].map((three) =>
    three.map((mark) => mark.padStart(2)).join(' '),
  )
  return `${`${version} | ${modules}`.padEnd(wide)}         ${a}          ${b}        ${c}`
}

function firstLine(text: string | undefined): string {
  return text?.split('\n', 1)[0] ?? ''
}
