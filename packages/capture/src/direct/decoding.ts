import type { HttpBody } from '@holdfast/core'
import { decodedBody } from '../decoded-body.ts'
import { fetchFailed, terminated } from './failures.ts'
import type { Inflow } from './inflow.ts'
import { undiciMajor } from './plain-process.ts'

// What the fetch of this Node undoes.
const known: ReadonlySet<string> = new Set(
  ['gzip', 'x-gzip', 'deflate', 'br'].concat(undiciMajor >= 7 ? ['zstd'] : []),
)
const maxCodings = 5

/**
 * An answer's body as fetch would give it: with its content-encoding undone where all of it is known.
 * @throws as fetch does, where there are too many encodings
 */
export function decode(inflow: Inflow, encoding: string | undefined): HttpBody {
  if (encoding === undefined || encoding === '') return inflow
  const codings = encoding.toLowerCase().split(',')
  if (codings.length > maxCodings) {
    void inflow.cancel()
    const says = `too many content-encodings in response: ${codings.length}, maximum allowed is ${maxCodings}`
    throw fetchFailed(new Error(says))
  }
  if (!codings.every((coding) => known.has(coding.trim()))) return inflow
  return decoded(inflow, decodedBody(inflow, encoding))
}

/** Bytes that cannot be decoded end the transfer, and the body, as a cut does. */
function decoded(inflow: Inflow, body: HttpBody): HttpBody {
  const fail = (error: unknown): never => {
    if (error === inflow.error) throw error
    void inflow.cancel()
    throw terminated(error)
  }
  return {
    read: () => body.read().catch(fail),
    readAll: () => body.readAll().catch(fail),
    cancel: (reason) => body.cancel(reason),
  }
}
