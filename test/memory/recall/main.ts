// `pnpm recall`: how much of what answers a question a recall finds, beside plain FTS5 and MiniSearch.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { holdfast, miniSearch, plainFts5 } from './engines.ts'
import { hashingEmbedder } from './hashing-embedder.ts'
import { isAsGood, measure } from './measure.ts'
import type { RecallFigures } from './measure.ts'
import { readConversations } from './read-conversations.ts'

/** More conversations than that are shown together only. */
const mostListed = 10
const own = join(import.meta.dirname, 'conversations')

if (process.argv.includes('--help')) {
  console.log(`pnpm recall

Reads conversations and questions about them from the folder HOLDFAST_RECALL (default: five short ones of the
project's own), as *.jsonl:
  {"id": "s1:3", "session": "s1", "speaker": "Nora", "time": "2026-03-02T09:06:00Z", "text": "…"}
  {"question": "…", "evidence": ["s1:3"]}
Lines belong together by "conversation", else by file; a line may also hold a whole conversation ("sessions" or "turns",
and "questions"), or a sample of LoCoMo or LongMemEval as it is published. Prints recall@5, recall@10 and the mean reciprocal rank.
Exits with 0 where Holdfast is at least as good as plain FTS5 and MiniSearch by each of them.`)
  process.exit(0)
}

const folder = process.env['HOLDFAST_RECALL'] || own
if (!existsSync(folder)) {
  console.error(`recall: there is no folder ${folder}; name one in HOLDFAST_RECALL`)
  process.exit(2)
}
const conversations = readConversations(folder)
const questions = conversations.reduce((sum, { questions: asked }) => sum + asked.length, 0)
if (questions === 0) {
  console.error(`recall: no questions with evidence in ${folder}; see pnpm recall --help`)
  process.exit(2)
}

const wordsAlone = holdfast('holdfast, words alone')
const withEmbedder = holdfast('holdfast, with an embedder', hashingEmbedder)
const lexical = await measure(wordsAlone, conversations)
const hybrid = await measure(withEmbedder, conversations)
const peers = [await measure(plainFts5, conversations), await measure(miniSearch, conversations)]

const turns = conversations.reduce((sum, conversation) => sum + conversation.turns.length, 0)
console.log(`${conversations.length} conversations, ${turns} turns, ${questions} questions\n`)
console.log(`${''.padEnd(28)} recall@5  recall@10  MRR`)
for (const figures of [lexical, hybrid, ...peers]) console.log(lineOf(figures))
if (conversations.length > 1 && conversations.length <= mostListed) {
  // Peers as they come find next to nothing in scripts without spaces: an average would say too little of the rest.
  console.log('\nrecall@5 of each conversation')
  for (const conversation of conversations) {
    const shares: string[] = []
    for (const engine of [wordsAlone, withEmbedder, plainFts5, miniSearch]) {
      const { at5 } = await measure(engine, [conversation])
      shares.push(`${engine.name} ${percent(at5)}`)
    }
    console.log(`  ${conversation.name}: ${shares.join(' · ')}`)
  }
}
console.log(
  '\nthe embedder hashes pieces of words: it needs no model, and knows nothing of meaning',
)

const ours = [lexical, hybrid]
const behind = ours.flatMap((one) =>
  peers.filter((peer) => !isAsGood(one, peer)).map((peer) => `${one.name} < ${peer.name}`),
)
const figure = `recall@5 ${percent(lexical.at5)}, recall@10 ${percent(lexical.at10)}, MRR ${lexical.mrr.toFixed(3)} by words; ${percent(hybrid.at5)}, ${percent(hybrid.at10)}, ${hybrid.mrr.toFixed(3)} with an embedder`
console.log(
  behind.length === 0
    ? `recall: ${figure}; at least as good as both peers`
    : `recall: ${figure}; not as good: ${behind.join(', ')}`,
)
process.exitCode = behind.length === 0 ? 0 : 1

function lineOf({ name, at5, at10, mrr }: RecallFigures): string {
  return `${name.padEnd(28)} ${percent(at5).padStart(8)}  ${percent(at10).padStart(9)}  ${mrr.toFixed(3)}`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
