// `pnpm gate`: what the tool gate and the scanners stop, let pass and find in labelled attacks.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attacksFolder } from './cases.ts'
import { holds, judge } from './judge.ts'
import { subjects } from './subjects.ts'
import { bestOf, percentile, slowTexts, takers } from './timing.ts'

const mostP99Ms = 2
const mostSlowMs = 50

const folder = attacksFolder()
if (folder === undefined) {
  console.log('skipped: no cases in ../shared/attacks, and HOLDFAST_ATTACKS names none')
} else process.exitCode = await run(folder)

async function run(from: string): Promise<number> {
  const all = await subjects()
  const { scores, disagreements, decisionMs } = await judge(from, all)

  let slowest = { ms: 0, what: '' }
  for (const [taker, take] of takers(all)) {
    for (const [name, text] of slowTexts()) {
      // The longest that is read at all takes longest: past its limit a text is asked for unread.
      for (const length of [text.length, 32_000, 16_000, 4000]) {
        const ms = bestOf(3, () => take(text.slice(0, length)))
        if (ms > slowest.ms) slowest = { ms, what: `${taker}, ${name}, ${length / 1000} kB` }
      }
    }
  }
  all.close()

  for (const score of scores) {
    const share = ((100 * score.right) / score.of).toFixed(1)
    const asked =
      score.atLeast === undefined ? 'shown only' : `>= ${(100 * score.atLeast).toFixed(1)} %`
    console.log(
      `${holds(score) ? 'ok    ' : 'FAILED'} ${score.name.padEnd(32)} ${share.padStart(5)} %  ${String(score.right).padStart(5)} of ${String(score.of).padEnd(5)} ${asked}`,
    )
  }
  const file = join(mkdtempSync(join(tmpdir(), 'holdfast-gate-')), 'disagreements.jsonl')
  writeFileSync(file, disagreements.map((one) => `${JSON.stringify(one)}\n`).join(''))
  console.log(`${disagreements.length} disagreements in ${file}`)

  const p50 = percentile(decisionMs, 0.5)
  const p99 = percentile(decisionMs, 0.99)
  console.log(
    `slowest of ${slowTexts().size} texts of up to 100 kB: ${slowest.ms.toFixed(1)} ms (${slowest.what})`,
  )
  const failed =
    scores.filter((score) => !holds(score)).length +
    (p99 > mostP99Ms ? 1 : 0) +
    (slowest.ms > mostSlowMs ? 1 : 0)
  const right = scores.reduce((sum, score) => sum + score.right, 0)
  const count = scores.reduce((sum, score) => sum + score.of, 0)
  console.log(
    `gate: ${failed === 0 ? 'all hold' : `${failed} FAILED`}; ${right} of ${count} cases as labelled, p50 ${(p50 * 1000).toFixed(0)} us, p99 ${p99.toFixed(2)} ms per decision, 100 kB in ${slowest.ms.toFixed(0)} ms at most`,
  )
  return failed === 0 ? 0 : 1
}
