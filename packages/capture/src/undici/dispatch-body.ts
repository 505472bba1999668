/** A request body as the handler gets it, and what undici gets for each attempt. */
export interface DispatchBody {
  /** Undefined also where the body is too large for the handler to see. */
  readonly body: string | Uint8Array | undefined
  readonly tooLarge: boolean
  send(): unknown
}

/** Reads the body of a dispatch, at once where it is in memory already. */
export function readDispatchBody(
  given: unknown,
  maxBytes: number,
): DispatchBody | Promise<DispatchBody> {
  if (given === null || given === undefined) return whole(undefined, given)
  if (typeof given === 'string' || given instanceof Uint8Array) return whole(given, given)
  if (given instanceof ArrayBuffer) return whole(new Uint8Array(given), given)
  if (ArrayBuffer.isView(given)) {
    return whole(new Uint8Array(given.buffer, given.byteOffset, given.byteLength), given)
  }
  const kind = Object.prototype.toString.call(given)
  if (kind === '[object FormData]' || kind === '[object Blob]' || kind === '[object File]') {
    return readForm(given as FormData | Blob)
  }
  return readOneShot(given as Items, maxBytes)
}

function whole(body: string | Uint8Array | undefined, given: unknown): DispatchBody {
  return { body, tooLarge: false, send: () => given }
}

/** Forms and blobs can be read again and again; each copy of undici has a FormData of its own. */
async function readForm(given: FormData | Blob): Promise<DispatchBody> {
  let source: FormData | Blob = given
  if (!(given instanceof Blob || given instanceof FormData)) {
    source = new FormData()
    for (const [name, value] of given as Iterable<[string, string]>) source.append(name, value)
  }
  return whole(new Uint8Array(await new Response(source).arrayBuffer()), given)
}

type Items = AsyncIterable<unknown> | Iterable<unknown>

async function readOneShot(source: Items, maxBytes: number): Promise<DispatchBody> {
  const chunks: unknown[] = []
  const iterator =
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
  let size = 0
  for (;;) {
    const { done, value } = await iterator.next()
    if (done === true) break
    const chunk = value instanceof Uint8Array ? value : Buffer.from(value as string)
    chunks.push(chunk)
    size += chunk.byteLength
    if (size <= maxBytes) continue
    return { body: undefined, tooLarge: true, send: () => resume(chunks, iterator) }
  }
  const body = Buffer.concat(chunks as Uint8Array[])
  // Piece by piece again, so that the transfer is framed as the application made it.
  return { body, tooLarge: false, send: () => resume(body.length > 0 ? [body] : []) }
}

async function* resume(
  chunks: readonly unknown[],
  rest?: AsyncIterator<unknown> | Iterator<unknown>,
): AsyncGenerator {
  yield* chunks
  if (rest === undefined) return
  try {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      const { done, value } = await rest.next()
      if (done === true) return
      yield value
    }
  } finally {
    await rest.return?.()
  }
}
