// One of several processes that share limits. It is told what to do by its parent and tells what came of it.
import { setTimeout as sleep } from 'node:timers/promises'
import { redisLimitStore } from '@holdfast/store-redis'
import { capReachedOf, HoldfastError, instrument, run } from 'holdfast'
import type { LlmCall, LlmReply, Next } from 'holdfast'
import type {
  BudgetJob,
  BudgetReport,
  CallsJob,
  CallsReport,
  Job,
  TreeJob,
  TreeReport,
} from './jobs.ts'
import { LongestWait } from './longest-wait.ts'

const name = process.env['HOLDFAST_TEST_WORKER'] ?? ''
const stop = { now: false }
const longestWait = new LongestWait()
let prompts = 0

process.on('message', (job: Job) => {
  if (job.type === 'reset') longestWait.reset()
  stop.now = job.type === 'stop'
  if (job.type !== 'budget' && job.type !== 'calls' && job.type !== 'tree') return
  const work = job.type === 'budget' ? spend(job) : job.type === 'tree' ? tree(job) : call(job)
  void work.then((report) => process.send?.(report))
})
process.on('disconnect', () => process.exit())
process.send?.('ready')

/** Reserves and settles, as fast as it goes, until nothing is left. */
async function spend({ url, prefix, rounds, loops }: BudgetJob): Promise<BudgetReport> {
  const store = redisLimitStore({ url, prefix, timeoutMs: 20_000 })
  const spent: number[] = []
  for (const { key, limit, reserve } of rounds) {
    let sum = 0
    const loop = async (number: number): Promise<void> => {
      let denials = 0
      // What others have reserved may come back yet.
      for (let count = 0; denials < 3; count++) {
        const id = `${key}-${name}-${number}-${count}`
        const claim = { key, limit, amount: reserve }
        const { admitted } = await store.admit({ id, leaseMs: 60_000, budgets: [claim] })
        if (!admitted) {
          denials++
          await sleep(2)
          continue
        }
        denials = 0
        const used = Math.floor(Math.random() * (reserve + 1))
        sum += used
        await store.settle(id, [{ id, budgets: [{ ...claim, used }] }])
      }
    }
    await Promise.all(Array.from({ length: loops }, (_, number) => loop(number)))
    spent.push(sum)
  }
  await store.close()
  return { type: 'budget', spent }
}

/** Calls a provider with Holdfast underneath, over and over, until it is told to stop. */
async function call({ options, providerUrl, loops, thinkMs }: CallsJob): Promise<CallsReport> {
  const report: CallsReport = {
    type: 'calls',
    statuses: {},
    refusals: {},
    longestWaitMs: 0,
    opened: [],
  }
  const holdfast = instrument({
    ...options,
    telemetry: false,
    adapters: false,
    interceptors: { llm: [stopwatch] },
  })
  holdfast.on((event) => {
    if (event.type === 'circuit-opened') report.opened.push(Date.now())
  })
  const loop = async (): Promise<void> => {
    await sleep(Math.random() * thinkMs)
    while (!stop.now) {
      try {
        const response = await ask(providerUrl)
        report.statuses[response.status] = (report.statuses[response.status] ?? 0) + 1
        await response.text()
      } catch (error) {
        const code = HoldfastError.is(error) ? error.code : String(error)
        report.refusals[code] = (report.refusals[code] ?? 0) + 1
        await sleep(20)
      }
      if (thinkMs > 0) await sleep(thinkMs * (0.5 + Math.random()))
    }
  }
  await Promise.all(Array.from({ length: loops }, loop))
  await holdfast.uninstrument()
  report.longestWaitMs = longestWait.ms
  return report
}

/** Sub-runs of a root that other processes work for too, each with sub-runs of its own, until the root's cap is reached. */
async function tree({ options, providerUrl, root, loops }: TreeJob): Promise<TreeReport> {
  const holdfast = instrument({ ...options, telemetry: false, adapters: false })
  const refusals: Record<string, number> = {}
  let answered = 0
  const one = async (): Promise<boolean> => {
    try {
      const response = await ask(providerUrl)
      await response.text()
      answered++
      return true
    } catch (error) {
      const code = HoldfastError.is(error) ? error.code : String(error)
      refusals[code] = (refusals[code] ?? 0) + 1
      if (code === 'STORE_UNREACHABLE') {
        // A store that is away is found again between two turns of the event loop.
        await sleep(50)
        return true
      }
      return capReachedOf(error)?.runId !== root
    }
  }
  const subRun = async (): Promise<void> => {
    // What others have reserved may come back yet.
    for (let denials = 0; denials < 3;) {
      const more = await run({ agent: 'researcher' }, async () => {
        const own = await one()
        return own && (await run({ agent: 'reader' }, one))
      })
      if (more) denials = 0
      else {
        denials++
        await sleep(20 + Math.random() * 30)
      }
    }
  }
  await run({ id: root }, () => Promise.all(Array.from({ length: loops }, subRun)))
  await holdfast.uninstrument()
  return { type: 'tree', answered, refusals }
}

/** Looks how long calls are held up before they go out. */
async function stopwatch(call: LlmCall, next: Next): Promise<LlmReply> {
  const went = longestWait.start()
  const { emit } = call
  return next(
    call.with({
      emit(event) {
        if (event.type === 'attempt-start') went()
        emit(event)
      },
    }),
  )
}

function ask(providerUrl: string): Promise<Response> {
  return fetch(`${providerUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer none', 'x-worker': name },
    body: JSON.stringify({
      model: 'gpt-4o-mini',
      max_tokens: 100,
      // Each call is another one: the same again after a failure would be taken for a re-send.
      messages: [{ role: 'user', content: `${name} asks for the ${++prompts}. time` }],
    }),
  })
}
