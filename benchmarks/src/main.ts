// `pnpm bench`: the openai SDK bare and with Holdfast, in one process, in alternating blocks.
import { fork } from 'node:child_process'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { instrument } from 'holdfast'
import type { HoldfastOptions } from 'holdfast'
import OpenAI from 'openai'
import { measureContext } from './context.ts'
import { interleave } from './interleave.ts'
import { allGuards, measureGate } from './gate.ts'
import { heldBack, latePieces, streamedFormats } from './held-back.ts'
import type { Measured, Variant } from './interleave.ts'
import { measureJournal } from './journal.ts'
import {
  flushOpenTelemetry,
  registerOpenTelemetry,
  unregisterOpenTelemetry,
} from './open-telemetry.ts'
import { measureLimits } from './limits.ts'
import { measureInjection } from './memory-injection.ts'
import { measureMemory } from './memory.ts'
import { measurePeer } from './peer.ts'
import { streamChunks } from './provider.ts'
import { importTimeMs, preloadTime } from './start-up.ts'
import type { Estimate } from './statistics.ts'

if (process.argv.includes('--help')) {
  console.log(`pnpm bench [--quick]   the openai SDK bare and with Holdfast

Blocks of 40 calls in turn, in one process; each figure is the median of the paired differences with its
95 % bootstrap interval. --quick runs a quarter of the rounds, for a first look.`)
  process.exit(0)
}

const quick = process.argv.includes('--quick')
const rounds = (full: number) => Math.ceil(quick ? full / 4 : full)

const provider = fork(join(import.meta.dirname, 'provider.ts'), { execArgv: [] })
const port = await new Promise<number>((resolve) => {
  provider.once('message', (message: { port: number }) => resolve(message.port))
})
const origin = `http://127.0.0.1:${port}`
const prompt = 'Tell me about foxes and dogs, in some detail please. '.repeat(20).slice(0, 1_000)
const messages = [{ role: 'user' as const, content: prompt }]

type Ask = (client: OpenAI) => () => Promise<unknown>

/** A way of running the process: how Holdfast is put on, if at all. */
interface Setting {
  readonly name: string
  readonly options?: HoldfastOptions
  readonly openTelemetry?: boolean
}

const settings: readonly Setting[] = [
  { name: 'bare' },
  { name: 'capture alone', options: { reliability: false, telemetry: false, adapters: false } },
  { name: 'with reliability', options: { telemetry: false, adapters: false } },
  { name: 'with all, no OTel SDK', options: {} },
  { name: 'with all, OTel SDK', options: {}, openTelemetry: true },
  // The OTel SDK leaves code behind that the engine has to optimise anew: what comes next pays for it, and is not what
  // the others are compared with.
  { name: 'bare again' },
]

function variant({ name, options, openTelemetry = false }: Setting, ask: Ask): Variant {
  let holdfast: ReturnType<typeof instrument> | undefined
  return {
    name,
    enter() {
      if (openTelemetry) registerOpenTelemetry()
      if (options !== undefined) holdfast = instrument(options)
      return ask(new OpenAI({ apiKey: 'none', baseURL: `${origin}/v1` }))
    },
    async leave() {
      await holdfast?.uninstrument()
      if (openTelemetry) unregisterOpenTelemetry()
    },
  }
}

const whole: Ask = (client) => () =>
  client.chat.completions.create({ model: 'gpt-4o-mini', messages })
const streamed: Ask = (client) => async () => {
  const stream = await client.chat.completions.create({
    model: 'gpt-4o-mini',
    messages,
    stream: true,
  })
  let chunks = 0
  for await (const _ of stream) chunks++
  return chunks
}
const firstChunk: Ask = (client) => async () => {
  const stream = await client.chat.completions.create({
    model: 'gpt-4o-mini',
    messages,
    stream: true,
  })
  for await (const _ of stream) break
}
// Left while the rest is on its way: the next one takes a new connection, with Holdfast and without.
const firstChunkApart: Ask = (client) =>
  firstChunk(client.withOptions({ baseURL: `${origin}/apart/v1` }))
const at64: Ask = (client) => () =>
  Promise.all(
    Array.from({ length: 64 }, () =>
      client.chat.completions.create({ model: 'gpt-4o-mini', messages }),
    ),
  )

const checks: {
  readonly what: string
  readonly value: number
  readonly most: number
  readonly unit: string
}[] = []
const check = (what: string, value: number, most: number, unit: string) =>
  checks.push({ what, value, most, unit })

console.log(
  `Node ${process.version}, openai SDK, 1 kB prompt, 1 kB answer, a provider without latency of its own\n`,
)

// A call that is no model call: fetch and node:http to a path nobody claims. First, while the process is as fresh as
// an application's: putting Holdfast on and off thousands of times leaves the engine's fetch slower for both.
const otherFetch: Ask = () => () => fetch(`${origin}/other`).then((response) => response.text())
const otherHttp: Ask = () => () =>
  new Promise<void>((resolve, reject) => {
    const outgoing = httpRequest(`${origin}/other`, (response) => {
      response.on('end', resolve)
      response.resume()
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
const everything = settings.filter(
  ({ name }) => name === 'bare' || name === 'with all, no OTel SDK',
)
// What is looked for is one microsecond of two hundred: many rounds.
const others = { rounds: rounds(600), calls: 60, warmUpCalls: 80 }
const fetchOther = await interleave(
  everything.map((setting) => variant(setting, otherFetch)),
  others,
)
table('another call by fetch', fetchOther)
check('another call by fetch', fetchOther[1]?.addedUs.value ?? Number.NaN, 1, 'us')
const httpOther = await interleave(
  everything.map((setting) => variant(setting, otherHttp)),
  others,
)
table('another call by node:http', httpOther)
check('another call by node:http', httpOther[1]?.addedUs.value ?? Number.NaN, 1, 'us')

const perCall = await interleave(
  settings.map((setting) => variant(setting, whole)),
  {
    rounds: rounds(150),
    calls: 40,
  },
)
table('one call', perCall)
const [, capture, reliable, , traced] = perCall
check('capture alone, p50', capture?.addedUs.value ?? Number.NaN, 15, 'us')
check('with reliability, p50', reliable?.addedUs.value ?? Number.NaN, 30, 'us')
check('with the OTel SDK, p50', traced?.addedUs.value ?? Number.NaN, 50, 'us')
check('with the OTel SDK, CPU', traced?.cpuRatio ?? Number.NaN, 1.15, 'x bare')

const limits = await measureLimits(origin, { rounds: rounds(100) })
table('limits in memory: rates, concurrency, circuit', limits.inMemory)
check('limits in memory, p50', limits.inMemory[1]?.addedUs.value ?? Number.NaN, 10, 'us')
if (limits.onRedis === undefined) {
  console.log('\nlimits on Redis: skipped, no redis-server found (apt-get install redis-server)')
} else {
  const { perCall: onRedis, asked, askedAndTold } = limits.onRedis
  table('the same on Redis, on loopback', onRedis)
  console.log(
    `  questions to Redis per call: ${asked.toFixed(2)} that it waits for, ${(askedAndTold - asked).toFixed(2)} told afterwards`,
  )
  check('questions to Redis per call', asked, 1, 'that it waits for')
}

const gate = await measureGate(origin, { rounds: rounds(100) })
table('gate, governance and redaction, 4 kB request', gate.plain)
table('the same with personal data in the request', gate.withHits)
const guarded = gate.together?.addedUs.value ?? Number.NaN
check('gate, governance, redaction, p50', guarded, 40, 'us')

for (const [who, model] of [
  ["OpenAI's tokeniser", 'gpt-4o'],
  ['estimated', 'claude-sonnet-4-6'],
] as const) {
  const { firstUs, nextUs, ratio } = await measureContext(model, { rounds: rounds(40) })
  console.log(
    `\ncounting a conversation (${who}): first turn ${firstUs.toFixed(0)} us, the turn after 200 ${nextUs.toFixed(0)} us`,
  )
  check(`counting turn 201 against turn 1 (${who})`, ratio.value, 1, 'times')
}

const injection = await measureInjection(origin, { rounds: rounds(100) })
table('memories in a 6 kB request, beside the recall alone', injection)
check('injection besides recall, p50', injection[1]?.addedUs.value ?? Number.NaN, 100, 'us')

const holdfast = instrument({ telemetry: false, ...allGuards })
const streams = await Promise.all(streamedFormats.map((format) => heldBack(format)))
await holdfast.uninstrument()
const late = streams.map(latePieces)
const pieces = streams.flatMap((stream) => stream.pieces).length
const textLate = late.flatMap(({ text }) => text).length
const callsLate = late.flatMap(({ calls }) => calls).length
console.log(
  `\nstreams in ${streams.length} formats, ${pieces} pieces: ${textLate} of text held back, ${callsLate} of tool calls held longer than until they are whole`,
)
check('streamed text held back', textLate, 0, 'pieces')
check('tool calls held too long', callsLate, 0, 'pieces')

const perStream = await interleave(
  settings.map((setting) => variant(setting, streamed)),
  {
    rounds: rounds(60),
    calls: 8,
    warmUpCalls: 4,
  },
)
table(`one stream of ${streamChunks} chunks`, perStream)
console.log('per chunk:')
for (const row of perStream.slice(1)) {
  console.log(`  ${row.name.padEnd(24)} ${signed(row.addedUs.value / streamChunks, 2)} us`)
}
check('a streamed chunk', (perStream[4]?.addedUs.value ?? Number.NaN) / streamChunks, 2, 'us')

const perFirst = await interleave(
  settings.map((setting) => variant(setting, firstChunkApart)),
  { rounds: rounds(60), calls: 20 },
)
table('time to first chunk, and the stream is left', perFirst)
check('first chunk, p50', perFirst[3]?.addedUs.value ?? Number.NaN, 50, 'us')
table(
  'the same where all chunks come at once',
  await interleave(
    settings.map((setting) => variant(setting, firstChunk)),
    { rounds: rounds(60), calls: 20 },
  ),
)

const throughput = await interleave(
  settings.map((setting) => variant(setting, at64)),
  {
    rounds: rounds(40),
    calls: 4,
    warmUpCalls: 2,
  },
)
table('64 calls at once (a block of 64)', throughput)

const journal = await measureJournal(origin, { rounds: rounds(150) })
table('one call of a run in the journal (SQLite)', journal.perCall)
const [, kept] = journal.perCall
check('with the journal, p50', kept?.addedUs.value ?? Number.NaN, 20, 'us')
check('with the journal, CPU', kept?.addedCpuUs.value ?? Number.NaN, 25, 'us')
const peer = await measurePeer(rounds(60))
console.log(
  `  beside it, a step of LangGraph with its SqliteSaver: ${signed(peer.addedUs, 0)} us, ${signed(peer.addedCpuUs, 0)} us of processor`,
)
const { turns, forward } = journal
console.log(
  `\na journaled turn adds ${signed(turns.earlyUs, 0)} us and ${turns.earlyBytes} bytes at turn 10, ${signed(turns.lateUs, 0)} us and ${turns.lateBytes} bytes at turn 500`,
)
console.log(
  `a run of ${forward.steps} steps is gone on with in ${forward.ms.toFixed(0)} ms and ${forward.requests} requests`,
)
check('bytes of turn 500 to turn 10', turns.lateBytes / turns.earlyBytes, 1.1, 'x')
check('time of turn 500 over turn 10', turns.lateUs - turns.earlyUs, 50, 'us')
check('1,000 steps fast-forwarded', forward.ms, 1_000, 'ms')
check('requests meanwhile', forward.requests, 0, '')

const recalled = await measureMemory({ memories: quick ? 20_000 : 100_000 })
const { fts5 } = recalled
console.log(
  `\nrecall of ${recalled.memories} memories (SQLite): p50 ${recalled.p50Ms.toFixed(2)} ms, p99 ${recalled.p99Ms.toFixed(2)} ms; plain FTS5 p50 ${fts5.p50Ms.toFixed(2)} ms, p99 ${fts5.p99Ms.toFixed(2)} ms`,
)
console.log(
  `  the first recall of a process reads them in ${recalled.firstMs.toFixed(0)} ms and holds ${recalled.heapMb.toFixed(0)} MB`,
)
check('recall, p50', recalled.p50Ms, 2, 'ms')
check('recall, p99', recalled.p99Ms, 10, 'ms')

const heap = await heapGrowth(quick ? 5_000 : 20_000)
console.log(
  `\nheap after ${heap.calls} calls: ${signed(heap.grownKb, 0)} kB (second half ${signed(heap.secondHalfKb, 0)} kB)`,
)
check('heap growth, second half', heap.secondHalfKb, 256, 'kB')

const importing: Estimate = importTimeMs()
console.log(
  `import 'holdfast': ${importing.value.toFixed(1)} ms [${importing.low.toFixed(1)}, ${importing.high.toFixed(1)}]`,
)
check("import 'holdfast'", importing.value, 50, 'ms')
const alone = preloadTime()
console.log(`--import holdfast/auto: ${interval(alone.addedMs)} ms with no framework`)
check('start-up added by holdfast/auto', alone.addedMs.value, 40, 'ms')
for (const framework of ['@openai/agents', '@langchain/langgraph/prebuilt']) {
  const { ownMs, addedMs } = preloadTime(framework)
  console.log(`  ${interval(addedMs)} ms beside the ${ownMs.toFixed(0)} ms of ${framework}`)
  check(`of ${framework}'s import`, (100 * addedMs.value) / ownMs, 8, '%')
}

provider.disconnect()

console.log('')
for (const { what, value, most, unit } of checks) {
  const holds = value <= most
  console.log(
    `${holds ? 'ok    ' : 'FAILED'} ${what.padEnd(28)} ${value.toFixed(2).padStart(8)} ${unit} (at most ${most})`,
  )
}
const failed = checks.filter(({ value, most }) => !(value <= most))
console.log(
  failed.length === 0
    ? `bench: ${checks.length} of ${checks.length} figures hold`
    : `bench: ${failed.length} of ${checks.length} figures do not hold: ${failed.map(({ what }) => what).join(', ')}`,
)
process.exit(failed.length === 0 ? 0 : 1)

/** How much more the heap holds after many calls than after some, with everything on. */
async function heapGrowth(calls: number) {
  const held = variant({ name: 'heap', options: {}, openTelemetry: true }, whole)
  const call = await held.enter()
  const collected = async () => {
    for (let count = 0; count < 4; count++) {
      await flushOpenTelemetry()
      await new Promise((resolve) => setTimeout(resolve, 20))
      globalThis.gc?.()
    }
    return process.memoryUsage().heapUsed / 1024
  }
  const many = async (count: number) => {
    for (let done = 0; done < count; done += 16) {
      await Promise.all(Array.from({ length: 16 }, () => call()))
    }
  }
  await many(calls / 2)
  const before = await collected()
  await many(calls / 2)
  const middle = await collected()
  await many(calls / 2)
  const after = await collected()
  await held.leave()
  return { calls, grownKb: after - before, secondHalfKb: after - middle }
}

function table(title: string, rows: readonly Measured[]): void {
  console.log(`\n${title}`)
  console.log(
    `  ${''.padEnd(24)} ${'p50 us'.padStart(8)} ${'p99 us'.padStart(8)} ${'CPU us'.padStart(8)}   added p50 us [95 %]      added CPU us      CPU ratio`,
  )
  for (const [index, row] of rows.entries()) {
    const figures = `  ${row.name.padEnd(24)} ${row.p50Us.toFixed(0).padStart(8)} ${row.p99Us.toFixed(0).padStart(8)} ${row.cpuUs.toFixed(0).padStart(8)}`
    console.log(
      index === 0
        ? figures
        : `${figures}   ${interval(row.addedUs).padEnd(24)} ${interval(row.addedCpuUs).padEnd(20)} ${row.cpuRatio.toFixed(3)}`,
    )
  }
}

function interval({ value, low, high }: Estimate): string {
  return `${signed(value)} [${signed(low)}, ${signed(high)}]`
}

function signed(value: number, digits = 1): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(digits)}`
}
