import type { Embedding } from '@holdfast/core/memory'

/** Up to so many vectors all are compared; of more, those whose signs agree best. */
const mostCompared = 4_000
/** So many times as many as are asked for are compared exactly after that. */
const comparedPerWanted = 8

/** Vectors of one length, scanned. Those of another embedder are left out. */
export class VectorScan {
  #model: string | undefined
  #dimensions = 0
  #count = 0
  /** Which doc each vector is of. */
  readonly #docs: number[] = []
  readonly #slots = new Map<number, number>()
  #values = new Float32Array(0)
  /** A bit per dimension: whether it is above zero. */
  #signs = new Int32Array(0)

  add(doc: number, { model, vector }: Embedding): void {
    if (vector.length === 0) return
    this.#model ??= model
    if (this.#dimensions === 0) this.#dimensions = vector.length
    if (model !== this.#model || vector.length !== this.#dimensions) return
    this.#grow()
    const slot = this.#count++
    this.#docs.push(doc)
    this.#slots.set(doc, slot)
    this.#values.set(unit(vector), slot * this.#dimensions)
    this.#signs.set(signsOf(vector), slot * wordsFor(this.#dimensions))
  }

  /** The query as it is compared, once for all docs; undefined where it is of another embedder. */
  comparable({ model, vector }: Embedding): Float32Array | undefined {
    return model === this.#model && vector.length === this.#dimensions ? unit(vector) : undefined
  }

  /** Cosine, where the doc has a vector. */
  similarity(doc: number, query: Float32Array): number | undefined {
    const slot = this.#slots.get(doc)
    return slot === undefined ? undefined : this.#dot(slot, query)
  }

  /** The docs whose vectors are nearest, nearest first. */
  nearest(query: Float32Array, limit: number, fits: (doc: number) => boolean): number[] {
    return this.#worthComparing(query, limit * comparedPerWanted)
      .map((slot) => ({ doc: this.#docs[slot] as number, score: this.#dot(slot, query) }))
      .filter(({ doc, score }) => score > 0 && fits(doc))
      .toSorted((one, other) => other.score - one.score)
      .slice(0, limit)
      .map(({ doc }) => doc)
  }

  #worthComparing(values: Float32Array, wanted: number): number[] {
    if (this.#count <= mostCompared) return Array.from({ length: this.#count }, (_, slot) => slot)
    const words = wordsFor(this.#dimensions)
    const query = signsOf(values)
    const distances = new Uint16Array(this.#count)
    const howMany = new Uint32Array(this.#dimensions + 1)
    for (let slot = 0, at = 0; slot < this.#count; slot++) {
      let distance = 0
      for (let word = 0; word < words; word++, at++) {
        distance += bits((this.#signs[at] as number) ^ (query[word] as number))
      }
      distances[slot] = distance
      howMany[distance]!++
    }
    let farthest = 0
    for (let sum = 0; farthest <= this.#dimensions; farthest++) {
      sum += howMany[farthest] ?? 0
      if (sum >= wanted) break
    }
    const slots: number[] = []
    for (let slot = 0; slot < this.#count && slots.length < wanted * 2; slot++) {
      if ((distances[slot] as number) <= farthest) slots.push(slot)
    }
    return slots
  }

  #dot(slot: number, values: Float32Array): number {
    let sum = 0
    for (let index = 0, at = slot * this.#dimensions; index < values.length; index++, at++) {
      sum += (values[index] as number) * (this.#values[at] as number)
    }
    return sum
  }

  #grow(): void {
    const [values, signs] = [this.#dimensions, wordsFor(this.#dimensions)]
    if ((this.#count + 1) * values <= this.#values.length) return
    const room = Math.max(16, this.#count * 2)
    const [oldValues, oldSigns] = [this.#values, this.#signs]
    this.#values = new Float32Array(room * values)
    this.#values.set(oldValues)
    this.#signs = new Int32Array(room * signs)
    this.#signs.set(oldSigns)
  }
}

function unit(vector: Float32Array): Float32Array {
  let sum = 0
  for (const value of vector) sum += value * value
  const length = Math.sqrt(sum)
  return length === 0 ? vector : vector.map((value) => value / length)
}

function wordsFor(dimensions: number): number {
  return Math.ceil(dimensions / 32)
}

function signsOf(vector: Float32Array): Int32Array {
  const signs = new Int32Array(wordsFor(vector.length))
  for (const [index, value] of vector.entries()) {
    if (value > 0) signs[index >> 5]! |= 1 << (index & 31)
  }
  return signs
}

/** How many bits of a word are set. */
function bits(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return (((fours + (fours >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24
}
