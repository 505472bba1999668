import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sqliteMemoryStore } from '@holdfast/store-sqlite'
import { instrument } from 'holdfast'
import { median, quantile } from './statistics.ts'

/** What recalls cost over many memories of one user, in milliseconds. */
export interface MemoryFigures {
  readonly memories: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** SQLite's own full text search over the same texts with the same questions, best five by bm25. */
  readonly fts5: { readonly p50Ms: number; readonly p99Ms: number }
  /** The first recall of a process, which reads all of them. */
  readonly firstMs: number
  readonly heapMb: number
}

const rounds = 15
const questionsPerRound = 100
/** It takes so long that fewer have to do. */
const fts5QuestionsPerRound = 5

/** Measures recalls over a SQLite file, in turn with plain FTS5. */
export async function measureMemory({
  memories,
}: {
  readonly memories: number
}): Promise<MemoryFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-memory-'))
  const path = join(folder, 'memory.db')
  const words = vocabulary()
  const texts = Array.from({ length: memories }, () => words.sentence(8, 20))
  await fill(path, texts)
  const fts5 = plainFts5(texts)
  globalThis.gc?.()
  const heapBefore = process.memoryUsage().heapUsed
  const holdfast = instrument({ telemetry: false, adapters: false, memory: { store: path } })
  try {
    const recall = (query: string) => holdfast.memory.recall({ user: 'ada', query })
    const startedAt = performance.now()
    await recall(words.sentence(4, 8))
    const firstMs = performance.now() - startedAt
    globalThis.gc?.()
    const heapMb = (process.memoryUsage().heapUsed - heapBefore) / 1024 / 1024
    const [ours, theirs]: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round++) {
      const questions = Array.from({ length: questionsPerRound }, () => words.sentence(4, 8))
      ours.push(...(await timed(questions, recall)))
      theirs.push(...(await timed(questions.slice(0, fts5QuestionsPerRound), fts5)))
    }
    return {
      memories,
      ...percentiles(ours),
      fts5: percentiles(theirs),
      firstMs,
      heapMb,
    }
  } finally {
    await holdfast.uninstrument()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Of the percentiles of each round the median: what else the machine does strikes some rounds, the work all of them. */
function percentiles(times: readonly number[]): { p50Ms: number; p99Ms: number } {
  const perRound = times.length / rounds
  const of = (share: number): number =>
    median(
      Array.from({ length: rounds }, (_, round) =>
        quantile(times.slice(round * perRound, (round + 1) * perRound), share),
      ),
    )
  return { p50Ms: of(0.5), p99Ms: of(0.99) }
}

async function timed(
  questions: readonly string[],
  ask: (question: string) => unknown,
): Promise<number[]> {
  const times: number[] = []
  for (const question of questions) {
    const startedAt = performance.now()
    await ask(question)
    times.push(performance.now() - startedAt)
  }
  return times
}

async function fill(path: string, texts: readonly string[]): Promise<void> {
  const store = sqliteMemoryStore({ path })
  for (const [index, text] of texts.entries()) {
    await store.put({
      id: `m${index}`,
      version: 1,
      place: { tier: 'long-term', user: 'ada' },
      kind: 'fact',
      text,
      importance: 0.5,
      atMs: Date.now() - index * 60_000,
      source: { by: 'application' },
    })
  }
  await store.close()
}

function plainFts5(texts: readonly string[]): (question: string) => unknown {
  const database = new DatabaseSync(':memory:')
  database.exec('CREATE VIRTUAL TABLE memory USING fts5(text)')
  const add = database.prepare('INSERT INTO memory VALUES (?)')
  database.exec('BEGIN')
  for (const text of texts) add.run(text)
  database.exec('COMMIT')
  const find = database.prepare(
    'SELECT rowid, text FROM memory WHERE memory MATCH ? ORDER BY rank LIMIT 5',
  )
  return (question) => find.all(question.split(' ').join(' OR '))
}

/** Words as they occur in a language: some in every second text, most hardly ever. The same ones each time. */
function vocabulary() {
  let state = 1
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const size = 20_000
  const words = Array.from({ length: size }, (_, index) => {
    let word = ''
    for (let rest = index + 7; rest > 0; rest = Math.floor(rest / 12)) {
      word += `${'bcdfglmnprst'[rest % 12]}${'aeiou'[(rest >> 2) % 5]}`
    }
    return `${word}k`
  })
  const word = (): string => words[Math.floor(Math.exp(random() * Math.log(size)) - 1)] ?? 'lak'
  return {
    sentence: (least: number, most: number): string =>
      Array.from({ length: least + Math.floor(random() * (most - least)) }, word).join(' '),
  }
}
