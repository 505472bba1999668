import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { NearestVectors } from './nearest-vectors.ts'

test('sqlite-vec and our own comparison find the same, of the same embedder alone', async () => {
  const database = new DatabaseSync(':memory:', { allowExtension: true })
  database.exec('CREATE TABLE memory (seq INTEGER PRIMARY KEY, place TEXT, row TEXT, vector BLOB)')
  const add = database.prepare('INSERT INTO memory VALUES (?, ?, ?, ?)')
  const vectorOf = (seed: number) =>
    Float32Array.from({ length: 8 }, (_, at) => Math.sin(seed * (at + 1)))
  for (let seq = 1; seq <= 300; seq++) {
    const model = seq % 3 === 0 ? 'other' : 'm'
    const bytes = new Uint8Array(vectorOf(seq).buffer)
    add.run(seq, seq % 2 === 0 ? 'p' : 'q', JSON.stringify({ embedding: { model } }), bytes)
  }
  const vec = new NearestVectors(database, 'sqlite-vec')
  const own = new NearestVectors(database, 'scan')
  expect([vec.compare, own.compare]).toEqual(['sqlite-vec', 'scan'])
  const query = { model: 'm', vector: vectorOf(44) }
  const found = await vec.find('p', query, 10)
  expect(found).toEqual(await own.find('p', query, 10))
  expect(found).toHaveLength(10)
  expect(found[0]).toBe(44)
  expect(found.every((seq) => seq % 2 === 0 && seq % 3 !== 0)).toBe(true)
  expect(() => database.prepare("SELECT load_extension('x')").get()).toThrow(/not authorized/)
  database.close()
})
