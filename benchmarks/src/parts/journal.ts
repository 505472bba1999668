import { printTable, signed } from '../bench.ts'
import type { Part } from '../bench.ts'
import { measureJournal } from '../journal.ts'
import { measurePeer } from '../peer.ts'

/** Calls that are recorded, and a run that is gone on with. */
export const run: Part = async ({ origin, rounds, check }) => {
  const { perCall, turns, forward } = await measureJournal(origin, { rounds: rounds(150) })
  printTable('one call of a run in the journal (SQLite)', perCall)
  const kept = perCall[1]
  check({ what: 'with the journal, p50', value: kept?.addedUs.value ?? NaN, most: 20, unit: 'us' })
  check({
    what: 'with the journal, CPU',
    value: kept?.addedCpuUs.value ?? NaN,
    most: 25,
    unit: 'us',
  })
  const peer = await measurePeer(rounds(60))
  console.log(
    `  beside it, a step of LangGraph with its SqliteSaver: ${signed(peer.addedUs, 0)} us, ${signed(peer.addedCpuUs, 0)} us of processor`,
  )
  const { earlyUs, earlyBytes, lateUs, lateBytes } = turns
  console.log(
    `\na journaled turn adds ${signed(earlyUs, 0)} us and ${earlyBytes} bytes at turn 10, ${signed(lateUs, 0)} us and ${lateBytes} bytes at turn 500`,
  )
  const { steps, ms, requests } = forward
  console.log(
    `a run of ${steps} steps is gone on with in ${ms.toFixed(0)} ms and ${requests} requests`,
  )
  check({
    what: 'bytes of turn 500 to turn 10',
    value: lateBytes / earlyBytes,
    most: 1.1,
    unit: 'x',
  })
  check({ what: 'time of turn 500 over turn 10', value: lateUs - earlyUs, most: 50, unit: 'us' })
  check({ what: '1,000 steps fast-forwarded', value: ms, most: 1_000, unit: 'ms' })
  check({ what: 'requests meanwhile', value: requests, most: 0, unit: '' })
}
