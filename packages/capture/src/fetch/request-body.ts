import { untilAborted } from '../until-aborted.ts'

/** A request body as the handler gets it, and how to send it. */
export interface FetchBody {
  readonly body: string | Uint8Array | undefined
  /** The content type that fetch adds by itself when the caller names none. */
  readonly impliedType: string | undefined
  /** What to send instead of the caller's body, which has been used up by reading; a fresh one for each attempt. */
  readonly replay?: () => BodyInit
}

/** A body that is not for the handler: fetch gets it as it came, or what had been read and the rest. */
export interface UnreadBody {
  readonly passOn: BodyInit | undefined
}

/** What fetch takes as a body. */
export type BodyInit = NonNullable<RequestInit['body']>

type Init = (RequestInit & { duplex?: string }) | null | undefined
type OneShot = ReadableStream<unknown> | AsyncIterable<unknown>

/** Reads the body of a fetch call, without a copy and at once where it is in memory already. */
export function readRequestBody(
  input: unknown,
  init: Init,
  maxBytes: number,
  signal: AbortSignal | undefined,
): FetchBody | UnreadBody | Promise<FetchBody | UnreadBody> {
  const given: unknown = init?.body ?? undefined
  if (typeof given === 'string') return { body: given, impliedType: 'text/plain;charset=UTF-8' }
  if (given instanceof Uint8Array) return { body: given, impliedType: undefined }
  if (given === undefined) {
    if (!(input instanceof Request) || input.body === null) return noBody
    if (input.bodyUsed || input.body.locked) return { passOn: undefined }
    return readOneShot(input.body, maxBytes, signal, (bytes) => bytes)
  }
  if (given instanceof ArrayBuffer) return { body: new Uint8Array(given), impliedType: undefined }
  if (ArrayBuffer.isView(given)) {
    const body = new Uint8Array(given.buffer, given.byteOffset, given.byteLength)
    return { body, impliedType: undefined }
  }
  if (given instanceof URLSearchParams) {
    return {
      body: String(given),
      impliedType: 'application/x-www-form-urlencoded;charset=UTF-8',
    }
  }
  if (given instanceof Blob || given instanceof FormData) return readThroughResponse(given)
  if (isOneShot(given)) {
    // Fetch refuses both; it is to say so itself.
    const usable = init?.duplex === 'half' && !(given instanceof ReadableStream && given.locked)
    if (!usable) return { passOn: undefined }
    return readOneShot(given, maxBytes, signal, streamOf)
  }
  return { passOn: undefined }
}

const noBody: FetchBody = { body: undefined, impliedType: undefined }

function isOneShot(value: unknown): value is OneShot {
  return (
    value instanceof ReadableStream ||
    (typeof value === 'object' && value !== null && Symbol.asyncIterator in value)
  )
}

/** Blobs and forms can be read again and again, so the caller's own object is what is sent. */
async function readThroughResponse(given: Blob | FormData): Promise<FetchBody> {
  const carrier = new Response(given)
  const impliedType = carrier.headers.get('content-type') ?? undefined
  return { body: new Uint8Array(await carrier.arrayBuffer()), impliedType }
}

async function readOneShot(
  source: OneShot,
  maxBytes: number,
  signal: AbortSignal | undefined,
  replay: (bytes: Uint8Array<ArrayBuffer>) => BodyInit,
): Promise<FetchBody | UnreadBody> {
  const chunks: unknown[] = []
  const reader = readerOf(source)
  let size = 0
  try {
    for (;;) {
      const { done, value } = await untilAborted(reader.next(), signal)
      if (done === true) break
      chunks.push(value)
      if (!(value instanceof Uint8Array)) return { passOn: resume(chunks, reader) }
      size += value.byteLength
      if (size > maxBytes) return { passOn: resume(chunks, reader) }
    }
  } catch (error) {
    if (signal?.aborted === true) {
      reader.cancel(signal.reason).catch(() => {})
      throw error
    }
    return { passOn: resume(chunks, { ...reader, next: () => Promise.reject(error) }) }
  }
  const bytes = new Uint8Array(Buffer.concat(chunks as Uint8Array[]))
  return { body: bytes, impliedType: undefined, replay: () => replay(bytes) }
}

interface Reader {
  next(): Promise<{ done?: boolean; value?: unknown }>
  cancel(reason: unknown): Promise<unknown>
}

function readerOf(source: OneShot): Reader {
  if (source instanceof ReadableStream) {
    const reader = source.getReader()
    return { next: () => reader.read(), cancel: (reason) => reader.cancel(reason) }
  }
  const iterator = source[Symbol.asyncIterator]()
  return {
    async next() {
      const { done, value } = await iterator.next()
      if (done === true) return { done }
      // As fetch does with the items of an iterable.
      return { value: value instanceof Uint8Array ? value : Buffer.from(value as string) }
    },
    cancel: async () => iterator.return?.(),
  }
}

/** What was read already, then the rest. */
function resume(chunks: readonly unknown[], reader: Reader): ReadableStream {
  const pending = [...chunks]
  return new ReadableStream(
    {
      async pull(controller) {
        if (pending.length > 0) return controller.enqueue(pending.shift())
        const { done, value } = await reader.next()
        if (done === true) controller.close()
        else controller.enqueue(value)
      },
      async cancel(reason) {
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}

/** Streamed again, so that the transfer stays chunked as the caller made it. */
function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      pull(controller) {
        if (bytes.byteLength > 0) controller.enqueue(bytes)
        controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}
