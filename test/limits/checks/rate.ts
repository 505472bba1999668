import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { finding } from '../check.ts'
import type { Check } from '../check.ts'
import type { CallsJob } from '../jobs.ts'
import { startProvider } from '../provider.ts'
import { startWorkers } from '../workers.ts'

/** A rate that all processes want more of than there is: exactly limit and burst go out, and all get their share. */
export const checkRate: Check = async (redis, { processes, loops, rateSeconds }) => {
  await using provider = await startProvider()
  await using workers = await startWorkers(processes)
  const perSecond = 10
  const burst = 60
  const job = (requestsPerMinute: number, thinkMs: number): CallsJob => ({
    type: 'calls',
    providerUrl: provider.url,
    loops,
    thinkMs,
    options: {
      store: { redis: redis.url, prefix: randomUUID() },
      // Closed: a machine that is too busy to answer in time shows as refusals, and not in the count.
      reliability: {
        rateLimit: { requestsPerMinute, burst, onStoreFailure: 'closed' },
      },
    },
  })
  // Everything is loaded and connected before it counts.
  const warm = workers.calls(job(1e6, 500))
  await provider.heardOf(processes)
  await sleep(1_000)
  await warm.stop()
  provider.arrivals.length = 0
  const under = workers.calls(job(perSecond * 60, 0))
  while (provider.arrivals.length === 0) await sleep(10)
  await sleep(rateSeconds * 1000 + 500)
  void under.stop()

  const start = provider.arrivals[0]?.atMs ?? 0
  // Half a step later, so that what was admitted at the last moment has come as well.
  const end = start + rateSeconds * 1000 + 500 / perSecond
  const came = provider.arrivals.filter(({ atMs }) => atMs <= end)
  const allowed = burst + rateSeconds * perSecond
  const share = (came.length - burst) / processes
  const least = Math.min(...perWorker(came.slice(burst), processes))
  return [
    finding(
      `requests in ${rateSeconds} s at ${perSecond * 60}/min with a burst of ${burst}`,
      `${came.length} of ${allowed}`,
      // Never more. In a few seconds a busy machine may keep the last ones back.
      came.length === allowed ||
        (rateSeconds < 30 && came.length >= allowed - 3 && came.length < allowed),
    ),
    finding(
      'the least that a process got of its share',
      `${((least / share) * 100).toFixed(0)} %`,
      // A few seconds are too short to tell.
      rateSeconds < 30 || least >= share / 2,
    ),
  ]
}

function perWorker(arrivals: readonly { readonly worker: string }[], processes: number): number[] {
  const counts = new Map<string, number>()
  for (const { worker } of arrivals) counts.set(worker, (counts.get(worker) ?? 0) + 1)
  return [...counts.values(), ...Array.from({ length: processes - counts.size }, () => 0)]
}
