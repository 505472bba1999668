import { randomUUID } from 'node:crypto'
import type {
  Admission,
  AdmissionRequest,
  BudgetClaim,
  LimitStore,
  Settlement,
} from '@holdfast/core/limits'
import { connectRedis } from '../connect-redis.ts'
import type { RedisAddress, RedisConnection } from '../connect-redis.ts'
import { LimitKeys } from './limit-keys.ts'
import { admitScript, circuitScript, renewScript, settleScript } from './scripts.ts'

/** Limits in Redis, shared by all processes of all machines that use the same Redis and prefix. */
export interface RedisLimitStoreOptions extends RedisAddress {
  /** What all keys begin with, as their hash tag: in a cluster all of them stand on one node. @default 'holdfast' */
  readonly prefix?: string
  /** How long an operation may take, connecting included. @default 1_000 */
  readonly timeoutMs?: number
}

/** Opens limits in Redis. ioredis is loaded, and the connection opened, at the first use. */
export function redisLimitStore(options: RedisLimitStoreOptions): LimitStore {
  const { prefix = 'holdfast', timeoutMs = 1_000 } = options
  const keys = new LimitKeys(prefix)
  const under = new Set<Promise<unknown>>()
  let connection: RedisConnection | undefined
  let closed = false
  let silentSinceMs: number | undefined

  /** Runs a script; its answer, or an error within the time. */
  function run(
    script: keyof typeof scripts,
    names: readonly string[],
    args: readonly string[],
    idle = false,
  ): Promise<unknown> {
    if (closed) return Promise.reject(new Error('the store is closed'))
    const running = ask((connection ??= connectRedis(options, scripts)), script, names, args, idle)
    under.add(running)
    running.finally(() => under.delete(running)).catch(() => {})
    return running
  }

  async function ask(
    connection: RedisConnection,
    script: string,
    names: readonly string[],
    args: readonly string[],
    idle: boolean,
  ): Promise<unknown> {
    const startedAtMs = performance.now()
    try {
      await connection.ready(timeoutMs, { idle })
      const { client } = connection
      const command = Reflect.get(client, script) as (...args: unknown[]) => Promise<unknown>
      const answer = command.call(client, names.length, ...names, ...args)
      const value = await within(startedAtMs + timeoutMs - performance.now(), answer, idle)
      silentSinceMs = undefined
      return value
    } catch (error) {
      silentSinceMs ??= startedAtMs
      // Where the other side vanished without a word, the system would wait for a quarter of an hour.
      if (performance.now() - silentSinceMs > silenceMs) {
        silentSinceMs = undefined
        connection.renew()
      }
      throw error
    }
  }

  return {
    name: 'redis',
    shared: true,

    async admit(request) {
      const [names, body] = admission(keys, request)
      const answer = await run('holdfastAdmit', names, [body])
      return admissionOf(request, answer as readonly (string | number)[])
    },

    async settle(batch, settlements) {
      const names = [keys.batch(batch ?? randomUUID())]
      const body = settlements.map((settlement) => settled(keys, settlement, names))
      await run('holdfastSettle', names, [String(batchMs), JSON.stringify(body)])
    },

    async renew(holdings) {
      const names: string[] = []
      const body = holdings.map(({ id, leaseMs, circuit, budgets = [], slots = [] }) => {
        if (circuit !== undefined) names.push(keys.circuit(circuit))
        for (const { key } of budgets) names.push(...keys.budget(key))
        for (const { key } of slots) names.push(keys.slots(key))
        return {
          id,
          lease: leaseMs * 1000,
          circuit: circuit !== undefined,
          budgets: budgets.map(({ amount, ...times }) => ({ amount, ...timesOf(times) })),
          slots: slots.map(() => 0),
        }
      })
      await run('holdfastRenew', names, [JSON.stringify(body)])
    },

    async circuitFailed(key, id, { failures, openMs, maxOpenMs }) {
      const times = [openMs * 1000, maxOpenMs * 1000, maxOpenMs + keepMs]
      const args = [id, 'failed', failures, ...times].map(String)
      return (await run('holdfastCircuit', [keys.circuit(key)], args)) === 1
    },

    async circuitSucceeded(key, id) {
      await run('holdfastCircuit', [keys.circuit(key)], [id, 'succeeded'])
    },

    async ping() {
      if (closed) return false
      // A script and not PING: a Redis that runs no scripts is of no use.
      await run('holdfastRenew', [], ['[]'], true)
      return true
    },

    async close() {
      // What calls have just ended with is on its way.
      await new Promise(setImmediate)
      await Promise.allSettled(under)
      closed = true
      connection?.close()
    },
  }
}

/** A connection that says nothing for so long is taken for dead. */
const silenceMs = 5_000
/** How long a batch of settlements is remembered. */
const batchMs = 600_000
/** How long a circuit is remembered that nobody uses. */
const keepMs = 3_600_000

const scripts = {
  holdfastAdmit: { lua: admitScript },
  holdfastSettle: { lua: settleScript },
  holdfastRenew: { lua: renewScript },
  holdfastCircuit: { lua: circuitScript },
}

function admission(keys: LimitKeys, request: AdmissionRequest): [names: string[], body: string] {
  const { id, leaseMs, circuit, budgets = [], slots = [], rates = [] } = request
  const names = circuit === undefined ? [] : [keys.circuit(circuit)]
  for (const { key } of budgets) names.push(...keys.budget(key))
  for (const { key } of slots) names.push(keys.slots(key))
  for (const { key } of rates) names.push(keys.rate(key))
  const body = {
    id,
    lease: leaseMs * 1000,
    circuit: circuit !== undefined,
    budgets: budgets.map(({ limit, amount, ...times }) => ({
      max: limit,
      amount,
      ...timesOf(times),
    })),
    slots: slots.map(({ max }) => ({ max })),
    rates: rates.map(({ limit, periodMs, burst, cost }) => ({
      limit,
      burst,
      cost,
      ...period(periodMs),
    })),
  }
  return [names, JSON.stringify(body)]
}

function admissionOf(
  { circuit, budgets = [], slots = [], rates = [] }: AdmissionRequest,
  answer: readonly (string | number)[],
): Admission {
  const [admitted, second, third] = answer
  if (admitted === 1) return { admitted: true, probe: second === 1, failures: Number(third) }
  const by = second as 'circuit' | 'budget' | 'concurrency' | 'rate'
  const claims = {
    circuit: [{ key: circuit ?? '' }],
    budget: budgets,
    concurrency: slots,
    rate: rates,
  }
  const waitUs = Number(answer[3])
  const retryInMs = waitUs < 0 ? Infinity : waitUs / 1000
  const key = claims[by][Number(third)]?.key ?? ''
  const spent = by === 'budget' ? { spent: Number(answer[4]) } : {}
  return { admitted: false, by, key, retryInMs, ...spent }
}

function settled(keys: LimitKeys, settlement: Settlement, names: string[]): unknown {
  const { id, budgets = [], slots = [], rates = [] } = settlement
  for (const { key } of budgets) names.push(...keys.budget(key))
  for (const { key } of slots) names.push(keys.slots(key))
  for (const { key } of rates) names.push(keys.rate(key))
  return {
    id,
    budgets: budgets.map(({ amount, used, ...times }) => ({ amount, used, ...timesOf(times) })),
    slots: slots.map(() => 0),
    rates: rates.map(({ limit, periodMs, cost, used }) => ({
      limit,
      cost,
      used,
      ...period(periodMs),
    })),
  }
}

function period(periodMs: number | undefined): { period?: number } {
  return periodMs === undefined ? {} : { period: periodMs * 1000 }
}

function timesOf({ periodMs, keepMs }: Pick<BudgetClaim, 'periodMs' | 'keepMs'>): object {
  return { ...period(periodMs), ...(keepMs === undefined ? {} : { keep: keepMs * 1000 }) }
}

/** The timer is what keeps the process alive for an answer, unless nobody needs it. */
async function within<T>(leftMs: number, answer: Promise<T>, idle: boolean): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Redis did not answer in time')), Math.max(1, leftMs))
    if (idle) timer.unref()
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
    answer.catch(() => {})
  }
}
