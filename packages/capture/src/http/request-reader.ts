import { Readable } from 'node:stream'
import type { MemorySocket } from './memory-socket.ts'

/** A request as it stands on the wire. */
export interface WireRequest {
  readonly method: string
  readonly target: string
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[]
  /** The whole body, where there is one. */
  readonly body: Uint8Array | undefined
  /** The body as a stream, where it is too large to be read whole. */
  readonly rest: Readable | undefined
  /** Complete once the body has been read. */
  readonly rawTrailers: readonly string[]
}

/**
 * Reads the one request that Node's own client writes to a connection.
 * By hand, and not with a server of Node's: whoever instruments those would see a request that nobody received.
 */
export async function readRequest(
  socket: MemorySocket,
  maxBodyBytes: number,
): Promise<WireRequest> {
  const incoming = new Incoming(socket)
  const [start = '', ...lines] = (await incoming.until('\r\n\r\n')).split('\r\n')
  const [method = '', target = ''] = start.split(' ')
  const rawHeaders = lines.flatMap(headerOf)
  const value = (name: string): string | undefined => valueOf(rawHeaders, name)

  // The body is needed here before anybody upstream can ask for it.
  if (value('expect') === '100-continue') socket.write('HTTP/1.1 100 Continue\r\n\r\n')
  const rawTrailers: string[] = []
  const parts =
    value('transfer-encoding')?.includes('chunked') === true
      ? chunked(incoming, rawTrailers)
      : incoming.exactly(Number(value('content-length') ?? 0))
  const chunks: Buffer[] = []
  let size = 0
  let rest: Readable | undefined
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- in order
    const { done, value: chunk } = await parts.next()
    if (done === true) break
    chunks.push(chunk)
    size += chunk.length
    if (size <= maxBodyBytes) continue
    rest = Readable.from(resume(chunks, parts))
    break
  }
  const body = size === 0 || rest !== undefined ? undefined : joined(chunks)
  return { method, target, rawHeaders, body, rest, rawTrailers }
}

/** The value of a header in a list of names and values in turn, in lower case. */
export function valueOf(rawHeaders: readonly string[], name: string): string | undefined {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) return rawHeaders[index + 1]?.toLowerCase()
  }
  return undefined
}

function headerOf(line: string): [name: string, value: string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1).trim()]
}

function joined(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)
}

async function* resume(
  chunks: readonly Buffer[],
  rest: AsyncGenerator<Buffer>,
): AsyncGenerator<Buffer> {
  yield* chunks
  yield* rest
}

async function* chunked(incoming: Incoming, rawTrailers: string[]): AsyncGenerator<Buffer> {
  for (;;) {
    const size = Number.parseInt(await incoming.until('\r\n'), 16)
    if (!(size > 0)) break
    yield* incoming.exactly(size)
    await incoming.until('\r\n')
  }
  for (;;) {
    const line = await incoming.until('\r\n')
    if (line === '') return
    rawTrailers.push(...headerOf(line))
  }
}

/** Bytes as they come, taken by length or up to a mark. */
class Incoming {
  readonly #chunks: AsyncIterator<Buffer>
  #buffer: Buffer = Buffer.of()

  constructor(socket: MemorySocket) {
    this.#chunks = socket.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]()
  }

  async until(mark: string): Promise<string> {
    let end = this.#buffer.indexOf(mark)
    while (end < 0) {
      const before = this.#buffer
      // oxlint-disable-next-line no-await-in-loop -- in order
      await this.#more()
      this.#buffer = Buffer.concat([before, this.#buffer])
      end = this.#buffer.indexOf(mark)
    }
    const text = this.#buffer.toString('latin1', 0, end)
    this.#buffer = this.#buffer.subarray(end + mark.length)
    return text
  }

  async *exactly(bytes: number): AsyncGenerator<Buffer> {
    let left = bytes
    while (left > 0) {
      if (this.#buffer.length === 0) await this.#more()
      const chunk = this.#buffer.subarray(0, left)
      this.#buffer = this.#buffer.subarray(chunk.length)
      left -= chunk.length
      yield chunk
    }
  }

  /** Waits for more bytes; fails where the application is gone before its request was whole. */
  async #more(): Promise<void> {
    const { done, value } = await this.#chunks.next()
    if (done === true) throw new Error('The request ended before it was whole')
    this.#buffer = value
  }
}
