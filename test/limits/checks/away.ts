import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HoldfastOptions } from 'holdfast'
import { commandsRun } from '../../redis/ask-redis.ts'
import { startRedis } from '../../redis/redis-server.ts'
import type { RedisServer } from '../../redis/redis-server.ts'
import { finding } from '../check.ts'
import type { Check, Finding, Scale } from '../check.ts'
import { startProvider } from '../provider.ts'
import { startWorkers } from '../workers.ts'

/** A Redis that stands still, and one that is killed: open limits hold no call up, closed ones say so, both heal. */
export const checkAway: Check = async (_, scale) => [
  ...(await away('standing still', scale, {
    leave: async ({ pid }) => void process.kill(pid, 'SIGSTOP'),
    comeBack: async (redis) => {
      process.kill(redis.pid, 'SIGCONT')
      return redis
    },
  })),
  ...(await away('killed', scale, {
    leave: (redis) => redis.stop(),
    comeBack: ({ port }) => startRedis({ port }),
  })),
]

interface Way {
  leave(redis: RedisServer): Promise<void>
  comeBack(redis: RedisServer): Promise<RedisServer>
}

async function away(how: string, scale: Scale, way: Way): Promise<Finding[]> {
  const open = await callsWhile(way, scale, { rateLimit: { requestsPerMinute: 1e9 } })
  const closed = await callsWhile(way, scale, { budget: { maxTokens: 1e12 } })
  const waitMs = Math.max(...open.reports.map(({ longestWaitMs }) => longestWaitMs))
  const failures = new Set(open.reports.flatMap(({ refusals }) => Object.keys(refusals)))
  const denials = new Set(closed.reports.flatMap(({ refusals }) => Object.keys(refusals)))
  const denied = closed.reports.reduce(
    (sum, { refusals }) => sum + (refusals['STORE_UNREACHABLE'] ?? 0),
    0,
  )
  return [
    finding(
      `Redis ${how}, open: the longest that a call waited`,
      `${waitMs.toFixed(1)} ms${failures.size > 0 ? `, failed with ${[...failures].join(', ')}` : ''}`,
      waitMs <= 50 && failures.size === 0,
    ),
    finding(
      `Redis ${how}, closed: calls denied`,
      `${denied}, as ${[...denials].join(', ')}`,
      denied > 0 && denials.size === 1,
    ),
    finding(
      `Redis ${how}: shared again when it is back`,
      [open, closed].map(({ asked, calls }) => `${asked} questions for ${calls} calls`).join(', '),
      [open, closed].every(({ asked, calls }) => calls > 0 && asked >= calls * 0.9),
    ),
  ]
}

async function callsWhile(
  way: Way,
  { processes, loops, lullMs }: Scale,
  reliability: Exclude<HoldfastOptions['reliability'], false | undefined>,
) {
  let redis = await startRedis()
  try {
    await using provider = await startProvider()
    await using workers = await startWorkers(processes)
    const under = workers.calls({
      type: 'calls',
      providerUrl: provider.url,
      loops,
      thinkMs: 2_000,
      options: { store: { redis: redis.url, prefix: randomUUID() }, reliability },
    })
    await provider.heardOf(processes)
    await sleep(lullMs)
    under.reset()
    await way.leave(redis)
    await sleep(lullMs)
    redis = await way.comeBack(redis)
    await sleep(lullMs)
    const callsBefore = provider.arrivals.length
    const commandsBefore = await commandsRun(redis.port)
    await sleep(1_000)
    const calls = provider.arrivals.length - callsBefore
    const asked = (await commandsRun(redis.port)) - commandsBefore
    return { reports: await under.stop(), calls, asked }
  } finally {
    await redis.stop()
  }
}
