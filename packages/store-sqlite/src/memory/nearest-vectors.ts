import { createRequire } from 'node:module'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import type { Embedding } from '@holdfast/core/memory'

const require = createRequire(import.meta.url)

/** So many rows are looked through before others have their turn: some 10 ms. */
const rowsAtOnce = 10_000

interface Near {
  readonly seq: number
  /** 1 minus the cosine. */
  readonly distance: number
}

/** The memories of a place whose vectors are nearest: all are compared, in sqlite-vec where that can be loaded. */
export class NearestVectors {
  readonly #page: StatementSync
  readonly #last: StatementSync
  readonly #compare: 'sqlite-vec' | 'scan'

  constructor(database: DatabaseSync, vectors: 'sqlite-vec' | 'scan') {
    this.#compare = vectors === 'sqlite-vec' && loadVec(database) ? 'sqlite-vec' : 'scan'
    const wanted = `FROM memory WHERE place = ? AND seq > ? AND seq <= ?
      AND length(vector) = ? AND instr(row, ?) > 0`
    this.#page = database.prepare(
      this.#compare === 'scan'
        ? `SELECT seq, vector ${wanted}`
        : `SELECT seq, vec_distance_cosine(vector, ?) AS distance ${wanted} ORDER BY distance LIMIT ?`,
    )
    this.#last = database.prepare(
      'SELECT MAX(seq) AS seq, MIN(seq) AS first FROM memory WHERE place = ?',
    )
  }

  /** How vectors are compared here. */
  get compare(): 'sqlite-vec' | 'scan' {
    return this.#compare
  }

  /** Sequence numbers, the nearest first. */
  async find(place: string, { model, vector }: Embedding, limit: number): Promise<number[]> {
    const embedder = `"embedding":${JSON.stringify({ model })}`
    const { seq: last, first } = this.#last.get(place) ?? {}
    let best: Near[] = []
    for (let from = Number(first) - 1; from < Number(last); from += rowsAtOnce) {
      const wanted = [place, from, from + rowsAtOnce, vector.byteLength, embedder] as const
      const near =
        this.#compare === 'scan'
          ? this.#page.all(...wanted).map((row) => nearOf(row, vector))
          : (this.#page.all(bytesOf(vector), ...wanted, limit) as unknown as Near[])
      best = [...best, ...near]
        .toSorted((one, other) => one.distance - other.distance)
        .slice(0, limit)
      await setImmediate()
    }
    return best.map(({ seq }) => seq)
  }
}

function nearOf(row: Record<string, unknown>, query: Float32Array): Near {
  const bytes = row['vector'] as Uint8Array
  // Floats begin at multiples of four; a copy does.
  const { buffer, byteOffset } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
  const values = new Float32Array(buffer, byteOffset, query.length)
  let [dot, one, other] = [0, 0, 0]
  for (let at = 0; at < query.length; at++) {
    const [value, asked] = [values[at] as number, query[at] as number]
    dot += value * asked
    one += value * value
    other += asked * asked
  }
  const lengths = Math.sqrt(one * other)
  return { seq: Number(row['seq']), distance: lengths === 0 ? 1 : 1 - dot / lengths }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** False where sqlite-vec is not installed, or this Node or this platform cannot load it. */
function loadVec(database: DatabaseSync): boolean {
  try {
    const path = requireVec().getLoadablePath()
    database.enableLoadExtension(true)
    try {
      database.loadExtension(path)
    } finally {
      database.enableLoadExtension(false)
    }
    return true
  } catch {
    return false
  }
}

/** As it stands beside this package, or in the application. */
function requireVec(): { getLoadablePath(): string } {
  try {
    return require('sqlite-vec') as never
  } catch {
    return createRequire(`${process.cwd()}/package.json`)('sqlite-vec') as never
  }
}
