import type { Cell } from './cell.ts'
import { models } from './clients/client.ts'
import { clients } from './clients/index.ts'
import { kinds } from './expectations.ts'
import type { Finding, Problem } from './judge.ts'

/** A cell with what was found in its two halves; undefined where a half did not run. */
export interface JudgedCell {
  readonly cell: Cell
  readonly bare: readonly Finding[] | undefined
  readonly with: readonly Finding[] | undefined
}

const marks: Readonly<Record<Problem, string>> = {
  silent: 'S',
  hang: 'H',
  endless: 'E',
  'over-limit': 'O',
  'too-early': 'T',
  'gave-up': 'G',
  requests: 'R',
  'wrong-error': 'X',
  'error-class': 'X',
  abort: 'X',
  bytes: 'X',
  attempts: 'X',
  late: 'X',
}

/** What the marks mean. */
export const legend =
  'bare → with Holdfast, the worst of its plans: ✓ as the table says, S silent truncation, H hang, E still retrying when given up,\n' +
  'O over the request limit, T before Retry-After, G gave up where a retry helps, R other requests, X other error, · none'

/** One table per wire: faults as rows, clients as columns, whole and streamed. */
export function tables(judged: readonly JudgedCell[]): string {
  return Object.keys(models)
    .map((wire) =>
      table(
        wire,
        judged.filter(({ cell }) => cell.wire === wire),
      ),
    )
    .filter((text) => text !== '')
    .join('\n\n')
}

function table(wire: string, judged: readonly JudgedCell[]): string {
  const names = Object.keys(clients).filter((name) =>
    judged.some(({ cell }) => cell.client === name),
  )
  if (names.length === 0) return ''
  const lines = [
    wire.padEnd(firstColumn) + names.map((name) => name.padEnd(2 * column)).join(''),
    ' '.repeat(firstColumn) +
      names.map(() => 'whole'.padEnd(column) + 'stream'.padEnd(column)).join(''),
  ]
  for (const { fault } of kinds) {
    const row = judged.filter(({ cell }) => cell.fault === fault)
    if (row.length === 0) continue
    const marked = names.flatMap((name) =>
      [false, true].map((stream) =>
        markOf(row.filter(({ cell }) => cell.client === name && cell.stream === stream)),
      ),
    )
    lines.push(fault.padEnd(firstColumn) + marked.map((text) => text.padEnd(column)).join(''))
  }
  return lines.map((line) => line.trimEnd()).join('\n')
}

const firstColumn = 25
const column = 8

function markOf(judged: readonly JudgedCell[]): string {
  if (judged.length === 0) return '·'
  const halves = [judged.map(({ bare }) => bare), judged.map((each) => each.with)]
  return halves
    .filter((findings) => findings.some((each) => each !== undefined))
    .map((findings) => worst(findings.flatMap((each) => each ?? [])))
    .join('→')
}

function worst(findings: readonly Finding[]): string {
  const order = Object.keys(marks) as Problem[]
  const first = order.find((problem) => findings.some((each) => each.problem === problem))
  return first === undefined ? '✓' : marks[first]
}
