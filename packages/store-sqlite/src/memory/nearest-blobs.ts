import { setImmediate } from 'node:timers/promises'
import type { SQLOutputValue } from 'node:sqlite'
import type { Embedding } from '@holdfast/core/memory'

/** The sequence numbers of the rows whose vectors are nearest, by looking at all of them. */
export async function nearestOf(
  page: (after: number) => readonly Record<string, SQLOutputValue>[],
  { model, vector }: Embedding,
  limit: number,
): Promise<number[]> {
  const length = Math.hypot(...vector)
  const embedder = `"embedding":{"model":${JSON.stringify(model)}}`
  let best: { readonly seq: number; readonly score: number }[] = []
  let worst = 0
  for (let rows = page(0); rows.length > 0; rows = page(Number(rows.at(-1)?.['seq']))) {
    for (const { seq, row, vector: bytes } of rows) {
      if (!(bytes instanceof Uint8Array) || bytes.byteLength !== vector.byteLength) continue
      if (!String(row).includes(embedder)) continue
      const score = cosine(bytes, vector, length)
      if (score <= worst && best.length >= limit) continue
      best.push({ seq: Number(seq), score })
      if (best.length < limit * 4) continue
      best = best.toSorted((one, other) => other.score - one.score).slice(0, limit)
      worst = best.at(-1)?.score ?? 0
    }
    // Others have their turn in between.
    await setImmediate()
  }
  return best
    .toSorted((one, other) => other.score - one.score)
    .slice(0, limit)
    .map(({ seq }) => seq)
}

function cosine(bytes: Uint8Array, query: Float32Array, queryLength: number): number {
  // Floats begin at multiples of four; a copy does.
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes)
  const values = new Float32Array(aligned.buffer, aligned.byteOffset, query.length)
  let [dot, square] = [0, 0]
  for (let at = 0; at < query.length; at++) {
    const value = values[at] as number
    dot += value * (query[at] as number)
    square += value * value
  }
  return square === 0 ? 0 : dot / (Math.sqrt(square) * queryLength)
}
