import { pipeline, Readable, type Transform } from 'node:stream'
import type { HttpBody } from '@holdfast/core'
import { readAll } from './read-all.ts'

/** The same body with its content-encoding undone as it is read; as it is where the encoding is not known. */
export function decodedBody(raw: HttpBody, encoding: string | null): HttpBody {
  const names = (encoding ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity')
  if (names.length === 0 || !names.every((name) => name in decoders)) return raw

  let chunks: AsyncIterator<Uint8Array> | undefined
  const open = async (): Promise<AsyncIterator<Uint8Array>> => {
    const first = await raw.read()
    let stream: Readable = Readable.from(iterate(raw, first), { objectMode: false })
    // Encodings are listed in the order they were applied.
    for (const name of names.toReversed()) {
      // Errors arrive at the last stream, where the reader is.
      stream = pipeline(stream, decoders[name]?.(first) as Transform, () => {})
    }
    return stream[Symbol.asyncIterator]()
  }
  const body: HttpBody = {
    async read() {
      const { done, value } = await (chunks ??= await open()).next()
      return done === true ? undefined : value
    },
    readAll: () => readAll(body),
    async cancel(reason) {
      await raw.cancel(reason)
      await chunks?.return?.().catch(() => {})
    },
  }
  return body
}

async function* iterate(body: HttpBody, first: Uint8Array | undefined): AsyncGenerator<Uint8Array> {
  if (first === undefined) return
  yield first
  for (let chunk = await body.read(); chunk !== undefined; chunk = await body.read()) yield chunk
}

// Loaded when the first encoded answer is read.
const zlib = (): typeof import('node:zlib') => process.getBuiltinModule('node:zlib')

// Flushed with every chunk: an encoded stream of events must not wait for more.
const decoders: Record<string, (first?: Uint8Array) => Transform> = {
  gzip: () => gunzip(),
  'x-gzip': () => gunzip(),
  // Some servers leave out the zlib header, whose first byte names the method 8.
  deflate: (first) =>
    ((first?.[0] ?? 8) & 0x0f) === 8
      ? zlib().createInflate(gentle())
      : zlib().createInflateRaw(gentle()),
  br: () => {
    const { createBrotliDecompress, constants } = zlib()
    const flush = constants.BROTLI_OPERATION_FLUSH
    return createBrotliDecompress({ flush, finishFlush: flush })
  },
  zstd: () => {
    const { createZstdDecompress, constants } = zlib()
    return createZstdDecompress({
      flush: constants.ZSTD_e_continue,
      finishFlush: constants.ZSTD_e_end,
    })
  },
}

const gunzip = (): Transform => zlib().createGunzip(gentle())

function gentle(): { flush: number; finishFlush: number } {
  const { Z_SYNC_FLUSH } = zlib().constants
  return { flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH }
}
