// `pnpm compact`: conversations are made shorter; every request that goes out is judged.
import { parseArgs } from 'node:util'
import { recordingsFolder } from '../recordings/load.ts'
import { measure, recordedCalls } from './accuracy.ts'
import type { Accuracy } from './accuracy.ts'
import { play } from './play.ts'
import { isConversation, joined, replay } from './replay.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string', default: '0' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(`pnpm compact [--seeds 10000] [--from 0]

Plays so many made-up conversations on four wires against providers that count in their own way, then the recorded ones.`)
  process.exit(0)
}

const seeds = Number(values.seeds)
const first = Number(values.from)
const sum = { asks: 0, compactions: 0, rescues: 0, refusals: 0, pinned: 0 }
const wrong: string[] = []
for (let seed = first; seed < first + seeds; seed++) {
  const played = await play(seed)
  for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += played[name]
  wrong.push(...played.wrong)
  if ((seed - first + 1) % 1_000 === 0) console.log(`  ${seed - first + 1} conversations played`)
}
console.log(
  `generated: ${seeds} conversations, ${sum.asks} asks, ${sum.compactions} compactions (${sum.rescues} after the provider refused), ${sum.pinned} pinned facts, ${sum.refusals} that nothing would have made fit`,
)

const folder = recordingsFolder()
let holds = true
const figures: string[] = []
if (folder === undefined) {
  console.log(
    'recorded: skipped, no recordings in ../shared/recordings, and HOLDFAST_RECORDINGS names none',
  )
} else {
  const calls = recordedCalls(folder)
  const conversations = [...calls.filter(isConversation), ...joined(calls)]
  let shorter = 0
  for (const one of conversations) {
    const replayed = await replay(one)
    if (replayed.outcome === 'made-shorter') shorter++
    if (replayed.wrong !== undefined) wrong.push(replayed.wrong)
  }
  console.log(
    `recorded: ${conversations.length} conversations, ${shorter} made shorter, ${conversations.length - shorter} of nothing but what has to stay`,
  )
  const { openai, others, byWire, byProvider, leftOut } = await measure(calls)
  console.log(`estimates: ${leftOut} requests left out, whose tokens only the provider can count`)
  console.log(`  OpenAI, within 3 %: ${shown(openai)}`)
  console.log(`  others after 5 calls, within 5 %: ${shown(others)}`)
  for (const [wire, accuracy] of byWire) console.log(`    ${wire}: ${shown(accuracy)}`)
  console.log('  by provider, the worst first:')
  const worstFirst = [...byProvider].toSorted(([, one], [, other]) => one.within - other.within)
  for (const [provider, accuracy] of worstFirst) console.log(`    ${provider}: ${shown(accuracy)}`)
  const each = [openai, others, ...byWire.values(), ...byProvider.values()]
  holds = each.every(({ medianError, limit }) => medianError <= limit)
  const [worst] = worstFirst
  figures.push(
    `estimates: OpenAI median ${percent(openai.medianError)} off, ${percent(openai.within)} within 3 %; others after 5 calls median ${percent(others.medianError)}, ${percent(others.within)} within 5 %; worst ${worst?.[0]} with ${percent(worst?.[1].within ?? 1)} within`,
  )
}

for (const one of wrong.slice(0, 20)) console.log(`  WRONG ${one}`)
const orphans = wrong.filter((one) => one.includes('orphan')).length
const over = wrong.filter((one) => one.includes('over the window')).length
const lost = wrong.filter((one) => one.includes('pinned')).length
figures.unshift(
  `${seeds} conversations, ${sum.compactions} compactions: ${wrong.length} wrong, ${orphans} orphaned pairs, ${over} over the window, ${lost} of ${sum.pinned} pinned facts lost`,
)
console.log(`\ncompact: ${figures.join('; ')}`)
process.exitCode = wrong.length === 0 && holds ? 0 : 1

function shown({ compared, medianError, within }: Accuracy): string {
  return `${compared} requests, median error ${percent(medianError)}, ${percent(within)} of them within`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
