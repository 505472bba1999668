import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { finding } from '../check.ts'
import type { Check } from '../check.ts'
import { startProvider } from '../provider.ts'
import type { Arrival } from '../provider.ts'
import { startWorkers } from '../workers.ts'

/** A provider that dies: all processes leave it alone, one request tries it at a time, all come back. */
export const checkCircuit: Check = async (redis, { processes, loops, openMs }) => {
  await using provider = await startProvider()
  await using workers = await startWorkers(processes)
  provider.mood = { delayMs: 300 }
  const under = workers.calls({
    type: 'calls',
    providerUrl: provider.url,
    loops,
    thinkMs: 700,
    options: {
      store: { redis: redis.url, prefix: randomUUID() },
      reliability: { circuitBreaker: { openMs } },
    },
  })
  await provider.heardOf(processes)
  await sleep(2_000)
  provider.mood = { deadAfterMs: 300 }
  const diedAtMs = Date.now()
  // Dead until after the first try, well before the second one, which comes twice as late.
  const tries = () => laterThan(provider.arrivals, diedAtMs + openMs - 200)
  while (tries().length === 0) await sleep(20)
  await sleep(1_000)
  provider.mood = { delayMs: 300 }
  await sleep(2 * openMs + 2_000)
  const reports = await under.stop()

  const opened = reports.flatMap((report) => report.opened).toSorted((a, b) => a - b)
  const openedAtMs = opened[0] ?? Number.NaN
  const [firstTry, secondTry, ...recovered] = laterThan(
    provider.arrivals,
    openedAtMs + openMs - 500,
  )
  const leaked = provider.arrivals.filter(
    ({ atMs }) => atMs > openedAtMs && atMs < openedAtMs + openMs - 500,
  )
  const lastLeakMs = Math.max(0, ...leaked.map(({ atMs }) => atMs - openedAtMs))
  const alone =
    firstTry !== undefined &&
    secondTry !== undefined &&
    firstTry.atMs - openedAtMs > openMs - 500 &&
    firstTry.atMs - openedAtMs < openMs + 1_000 &&
    secondTry.atMs >= (firstTry.endedAtMs ?? Infinity) + 2 * openMs - 500
  const backMs = (recovered[0]?.atMs ?? Infinity) - (secondTry?.endedAtMs ?? 0)
  return [
    finding(
      'until the last request after that',
      `${lastLeakMs} ms, ${leaked.length} requests that were under way`,
      lastLeakMs <= 250,
    ),
    finding(
      'tries of the half-open circuit, each alone',
      alone ? '1, and 1 twice as long after it failed' : describe(provider.arrivals, openedAtMs),
      alone && secondTry.status === 200,
    ),
    finding('from the good try to the next request', `${backMs} ms`, backMs <= 1_000),
  ]
}

function laterThan(arrivals: readonly Arrival[], atMs: number): Arrival[] {
  return arrivals.filter((arrival) => arrival.atMs > atMs)
}

function describe(arrivals: readonly Arrival[], sinceMs: number): string {
  const times = laterThan(arrivals, sinceMs).slice(0, 10)
  return `not so: ${times.map(({ atMs }) => `+${atMs - sinceMs}`).join(' ')} ms`
}
