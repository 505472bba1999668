import type { HttpBody } from '@holdfast/core'

/** Everything that is left of a body. */
export async function readAll(body: Pick<HttpBody, 'read'>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for (let chunk = await body.read(); chunk !== undefined; chunk = await body.read()) {
    chunks.push(chunk)
  }
  return joined(chunks)
}

/** One piece of many; a single one stays itself. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}
