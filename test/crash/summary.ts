import type { CellResult } from './cell-runs.ts'
import { cellName } from './cell.ts'
import type { Losses } from './judge.ts'
import { isWhole, sumLosses } from './judge.ts'
import { pointsOf } from './points.ts'
import type { Point } from './points.ts'
import type { RunResult } from './run.ts'

/** What all runs of a campaign come to. */
export interface Summary {
  /** Where its agents could be killed. */
  readonly points: readonly Point[]
  readonly cells: number
  readonly kills: number
  readonly killsAt: ReadonlyMap<Point | 'random', number>
  readonly losses: Losses
  readonly surfaced: number
  readonly requestsAgain: number
}

/** Adds the runs of all cells up. */
export function summarise(results: readonly CellResult[]): Summary {
  const runs = results.flatMap((result) => result.runs)
  const killsAt = new Map<Point | 'random', number>()
  for (const at of runs.flatMap(({ killedAt }) => killedAt)) {
    killsAt.set(at, (killsAt.get(at) ?? 0) + 1)
  }
  return {
    points: [...new Set(results.flatMap(({ place }) => pointsOf(place.cell, place.keeper)))],
    cells: results.length,
    kills: total(runs, ({ kills }) => kills),
    killsAt,
    losses: sumLosses(runs.map(({ losses }) => losses)),
    surfaced: total(runs, ({ surfaced }) => surfaced),
    requestsAgain: total(runs, (run) => run.requestsAgain),
  }
}

/** The figure, in one line. */
export function figure({ kills, cells, losses, surfaced, requestsAgain }: Summary): string {
  const asked = kills === 0 ? '' : `, ${(requestsAgain / kills).toFixed(2)} requests again per kill`
  return [
    `${number(kills)} kills in ${cells} cells: completed steps lost ${losses.lostSteps}`,
    `effects repeated ${losses.repeatedEffects}`,
    `effects in doubt not surfaced ${losses.silentDoubts} (surfaced ${surfaced})`,
    `model requests beyond one per kill ${losses.excessRequests}${asked}`,
    `wrong answers ${losses.wrongAnswers}`,
    `broken stores ${losses.brokenStores}`,
  ].join(', ')
}

/** True where the promise was kept, and kept under the kills that were asked for. */
export function holds(summary: Summary, wantedKills: number): boolean {
  return isWhole(summary.losses) && summary.kills >= wantedKills && neverMet(summary).length === 0
}

/** So many kills have met every point. */
const enoughKills = 960

/** The points that nobody died at, where there were kills enough to come to all. */
function neverMet({ kills, killsAt, points }: Summary): readonly Point[] {
  return kills < enoughKills ? [] : points.filter((point) => !killsAt.has(point))
}

/** How often each point was met. */
export function killsByPoint(summary: Summary): string {
  const { random = 0, ...rest } = Object.fromEntries(summary.killsAt)
  const named = Object.entries(rest).toSorted(([one], [other]) => one.localeCompare(other))
  const never = neverMet(summary).map((point) => `${point} NEVER`)
  return [
    `killed at a random moment ${random}`,
    ...named.map((pair) => pair.join(' ')),
    ...never,
  ].join(', ')
}

/** Cells as rows and columns: the kills of each, and what was lost. */
export function table(results: readonly CellResult[]): string {
  const columns = unique(results, ({ place: { cell } }) => `${cell.tools} tool, ${cell.store}`)
  const rows = unique(results, ({ place: { cell } }) => `${cell.agent} ${cell.reply}`)
  const width = 22
  const first = Math.max(...rows.map(([name]) => name.length)) + 2
  const lines = [
    ' '.repeat(first) + columns.map(([name]) => headOf(name).padEnd(width)).join(''),
    ...rows.map(([name, inRow]) => {
      const shown = columns.map(([, inColumn]) => {
        const result = inRow.find((each) => inColumn.includes(each))
        return (result === undefined ? '·' : mark(result)).padEnd(width)
      })
      return name.padEnd(first) + shown.join('')
    }),
  ]
  return lines.map((line) => line.trimEnd()).join('\n')
}

/** What the letters of the table say. */
export const legend =
  'kills of each cell; ✓ nothing lost, L completed steps lost, E effects repeated, D doubts not surfaced,\n' +
  'R model requests beyond one per kill, A wrong answers, B broken stores'

/** Every run that did not end well, with the reason where one is known. */
export function troubles(results: readonly CellResult[]): string[] {
  return results.flatMap(({ place, runs }) =>
    runs.flatMap((run, index) =>
      isWhole(run.losses)
        ? []
        : [
            `${cellName(place.cell)} run ${index}, killed at ${run.killedAt.join(', ') || 'no time'}: ` +
              [
                letters(run.losses),
                ...(run.trouble ?? '').split('\n').filter((line) => line !== ''),
                ...run.details.slice(0, 5),
              ]
                .join('\n  ')
                .trim(),
          ],
    ),
  )
}

function mark({ runs }: CellResult): string {
  const losses = sumLosses(runs.map((run) => run.losses))
  return `${total(runs, ({ kills }) => kills)} ${isWhole(losses) ? '✓' : letters(losses)}`
}

function letters(losses: Losses): string {
  const shown: readonly (readonly [string, number])[] = [
    ['L', losses.lostSteps],
    ['E', losses.repeatedEffects],
    ['D', losses.silentDoubts],
    ['R', losses.excessRequests],
    ['A', losses.wrongAnswers],
    ['B', losses.brokenStores],
  ]
  return shown
    .filter(([, count]) => count > 0)
    .map(([letter, count]) => `${letter}${count}`)
    .join(' ')
}

function headOf(name: string): string {
  return name.replace('three tool', '3 tools').replace('one tool', '1 tool')
}

function unique(
  results: readonly CellResult[],
  key: (result: CellResult) => string,
): [string, CellResult[]][] {
  const groups = new Map<string, CellResult[]>()
  for (const result of results) {
    const name = key(result)
    const group = groups.get(name) ?? []
    group.push(result)
    groups.set(name, group)
  }
  return [...groups]
}

function total(runs: readonly RunResult[], count: (run: RunResult) => number): number {
  return runs.reduce((sum, run) => sum + count(run), 0)
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
