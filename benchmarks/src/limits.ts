import { instrument } from 'holdfast'
import type { Holdfast, HoldfastOptions } from 'holdfast'
import OpenAI from 'openai'
import { interleave } from './interleave.ts'
import type { Measured, Variant } from './interleave.ts'
import { startRedis } from './redis.ts'

/** What limits cost, measured against the same reliability without them. */
export interface LimitFigures {
  /** Reliability alone, and with rates, concurrency and the circuit in memory. */
  readonly inMemory: readonly Measured[]
  /** The same in Redis on loopback; undefined where no redis-server is installed. */
  readonly onRedis:
    | {
        readonly perCall: readonly Measured[]
        /** Questions to Redis for one call that only asks. */
        readonly asked: number
        /** The same where something is told afterwards, which no call waits for. */
        readonly askedAndTold: number
      }
    | undefined
}

const prompt = 'Tell me about foxes and dogs, in some detail please. '.repeat(20).slice(0, 1_000)

// Large enough that nobody waits: what is measured is the looking.
const rates = { requestsPerMinute: 1e9 }
const everything = {
  rateLimit: { ...rates, tokensPerMinute: 1e12 },
  concurrency: { max: 10_000 },
}

/** Measures limits against a provider without latency of its own. */
export async function measureLimits(
  origin: string,
  { rounds }: { readonly rounds: number },
): Promise<LimitFigures> {
  const without = variant(origin, 'with reliability', {})
  const inMemory = await interleave(
    [without, variant(origin, 'limits in memory', { reliability: everything })],
    // What it is compared with has made tens of thousands of calls in this process: limits get as warm.
    { rounds, calls: 40, warmUpRounds: rounds },
  )
  await using redis = await startRedis()
  if (redis === undefined) return { inMemory, onRedis: undefined }
  const store = redis.url
  const onRedis = { store, reliability: everything }
  const perCall = await interleave([without, variant(origin, 'limits on Redis', onRedis)], {
    rounds,
    calls: 40,
  })

  const questions = async (options: HoldfastOptions): Promise<number> => {
    const counted = variant(origin, 'counted', options)
    const call = await counted.enter()
    await call()
    await new Promise((resolve) => setTimeout(resolve, 100))
    const before = await redis.scriptsRun()
    for (let count = 0; count < 100; count++) await call()
    await new Promise((resolve) => setTimeout(resolve, 100))
    const asked = ((await redis.scriptsRun()) - before) / 100
    await counted.leave()
    return asked
  }
  return {
    inMemory,
    onRedis: {
      perCall,
      asked: await questions({ store, reliability: { rateLimit: rates } }),
      askedAndTold: await questions(onRedis),
    },
  }
}

function variant(origin: string, name: string, options: HoldfastOptions): Variant {
  let holdfast: Holdfast | undefined
  return {
    name,
    enter() {
      holdfast = instrument({ telemetry: false, adapters: false, ...options })
      const client = new OpenAI({ apiKey: 'none', baseURL: `${origin}/v1` })
      const messages = [{ role: 'user' as const, content: prompt }]
      return () => client.chat.completions.create({ model: 'gpt-4o-mini', messages })
    },
    async leave() {
      await holdfast?.uninstrument()
    },
  }
}
