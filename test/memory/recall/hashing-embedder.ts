import type { Embedder } from '@holdfast/policies/memory'

const dimensions = 512

/**
 * An embedder that needs no model: a text is its pieces of three to five characters, each hashed to a place and a sign.
 * It knows nothing of meaning; words with common parts are near each other.
 */
export const hashingEmbedder: Embedder = {
  model: `hashed-pieces-${dimensions}`,
  embed: async (texts) => texts.map(vectorOf),
}

function vectorOf(text: string): Float32Array {
  const vector = new Float32Array(dimensions)
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    const characters = Array.from(`<${word}>`)
    for (let size = 3; size <= 5; size++) {
      for (let from = 0; from + size <= characters.length; from++) {
        const hash = hashOf(characters.slice(from, from + size).join(''))
        vector[hash % dimensions]! += hash & 0x40000000 ? 1 : -1
      }
    }
  }
  // A piece that occurs often says little more than one that occurs once.
  return vector.map((value) => Math.sign(value) * Math.sqrt(Math.abs(value)))
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}
