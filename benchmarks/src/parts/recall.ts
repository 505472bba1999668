import type { Part } from '../bench.ts'
import { measureMemory } from '../memory.ts'

/** Recalls over many memories. */
export const run: Part = async ({ quick, check }) => {
  const { memories, p50Ms, p99Ms, fts5, firstMs, heapMb } = await measureMemory({
    memories: quick ? 20_000 : 100_000,
  })
  console.log(
    `\nrecall of ${memories} memories (SQLite): p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms; plain FTS5 p50 ${fts5.p50Ms.toFixed(2)} ms, p99 ${fts5.p99Ms.toFixed(2)} ms`,
  )
  console.log(
    `  the first recall of a process reads them in ${firstMs.toFixed(0)} ms and holds ${heapMb.toFixed(0)} MB`,
  )
  check({ what: 'recall, p50', value: p50Ms, most: 2, unit: 'ms' })
  check({ what: 'recall, p99', value: p99Ms, most: 10, unit: 'ms' })
}
