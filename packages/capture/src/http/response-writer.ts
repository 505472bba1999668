import type { MemorySocket } from './memory-socket.ts'
import { valueOf } from './request-reader.ts'

/** The head of an answer, as it stands on the wire. */
export interface WireHead {
  readonly status: number
  readonly statusText: string
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[]
}

/** Writes one answer to the application's connection, framed as its head says. */
export class ResponseWriter {
  readonly #socket: MemorySocket
  #framing: 'chunked' | 'plain' | 'none' = 'none'
  #untilClose = false

  constructor(socket: MemorySocket) {
    this.#socket = socket
  }

  /** Writes the head. `bodiless` where the method allows no body. */
  head(head: WireHead, bodiless: boolean): void {
    const encoding = valueOf(head.rawHeaders, 'transfer-encoding')
    const { status } = head
    const allowed = !bodiless && status >= 200 && status !== 204 && status !== 304
    if (allowed) this.#framing = encoding?.includes('chunked') === true ? 'chunked' : 'plain'
    this.#untilClose =
      this.#framing === 'plain' && valueOf(head.rawHeaders, 'content-length') === undefined
    const lines = [`HTTP/1.1 ${status} ${head.statusText}`]
    for (let index = 0; index + 1 < head.rawHeaders.length; index += 2) {
      lines.push(`${head.rawHeaders[index]}: ${head.rawHeaders[index + 1]}`)
    }
    this.#socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  }

  /** Writes some of the body; resolves when the application takes more. */
  async data(chunk: Uint8Array): Promise<void> {
    if (this.#framing === 'none' || chunk.byteLength === 0) return
    const socket = this.#socket
    if (this.#framing === 'chunked') {
      socket.cork()
      socket.write(`${chunk.byteLength.toString(16)}\r\n`)
      socket.write(chunk)
      socket.write('\r\n')
      socket.uncork()
    } else socket.write(chunk)
    if (socket.writableNeedDrain && !socket.destroyed) await drained(socket)
  }

  /** Ends the answer. */
  end(rawTrailers: readonly string[] = []): void {
    if (this.#framing === 'chunked') {
      let last = '0\r\n'
      for (let index = 0; index + 1 < rawTrailers.length; index += 2) {
        last += `${rawTrailers[index]}: ${rawTrailers[index + 1]}\r\n`
      }
      this.#socket.write(`${last}\r\n`, 'latin1')
    }
    if (this.#untilClose) this.#socket.end()
  }
}

function drained(socket: MemorySocket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done)
      socket.off('close', done)
      resolve()
    }
    socket.on('drain', done)
    socket.on('close', done)
  })
}
