import type { IncomingMessage } from 'node:http'
import type { HttpBody } from '@holdfast/core'
import { joined } from '../read-all.ts'

interface Waiting {
  readonly resolve: (bytes: Uint8Array | undefined) => void
  readonly reject: (error: unknown) => void
  /** True for who wants all of it. */
  readonly whole: boolean
}

// As much as undici takes ahead of the reader; the rest waits in the network.
const highWaterBytes = 64 * 1024

/** The bytes of an answer as they come from the connection, which keeps this alive. */
export class Inflow implements HttpBody {
  readonly #message: IncomingMessage
  #chunks: Uint8Array[] = []
  #queuedBytes = 0
  #bytes = 0
  #end: { readonly error?: unknown } | undefined
  #waiting: Waiting | undefined

  constructor(message: IncomingMessage) {
    this.#message = message
    message.on('data', (chunk: Buffer) => this.#push(chunk))
  }

  #push(chunk: Uint8Array): void {
    if (this.#end !== undefined) return
    this.#chunks.push(chunk)
    this.#queuedBytes += chunk.byteLength
    this.#bytes += chunk.byteLength
    if (this.#waiting === undefined) {
      if (this.#queuedBytes >= highWaterBytes) this.#message.pause()
    } else if (!this.#waiting.whole && this.#chunks.length === 1) {
      // What came in one piece from the connection goes on in one piece.
      queueMicrotask(() => this.#settle())
    }
  }

  /** True while nothing is taken from the connection because nobody reads. */
  get isHeldBack(): boolean {
    return this.#message.isPaused()
  }

  /** What it failed with. */
  get error(): unknown {
    return this.#end?.error
  }

  /** How much has come. */
  get bytes(): number {
    return this.#bytes
  }

  /** No more comes. */
  end(): void {
    if (this.#end !== undefined) return
    this.#end = {}
    this.#settle()
  }

  /** It was cut, or given up: what was not read yet is gone. */
  fail(error: unknown): void {
    if (this.#end !== undefined) return
    this.#end = { error }
    this.#chunks = []
    this.#settle()
  }

  #settle(): void {
    const waiting = this.#waiting
    if (waiting === undefined) return
    const isFilled = !waiting.whole && this.#chunks.length > 0
    if (!isFilled && this.#end === undefined) return
    this.#waiting = undefined
    if (this.#end !== undefined && 'error' in this.#end) waiting.reject(this.#end.error)
    else waiting.resolve(isFilled || waiting.whole ? this.#takeAll() : undefined)
  }

  #takeAll(): Uint8Array {
    const chunks = this.#chunks
    this.#chunks = []
    this.#queuedBytes = 0
    return joined(chunks)
  }

  read(): Promise<Uint8Array | undefined> {
    return this.#wait(false)
  }

  readAll(): Promise<Uint8Array> {
    return this.#wait(true) as Promise<Uint8Array>
  }

  #wait(whole: boolean): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject, whole }
      this.#settle()
      if (this.#message.isPaused()) this.#message.resume()
    })
  }

  cancel(): Promise<void> {
    this.#chunks = []
    if (this.#end === undefined) {
      this.end()
      this.#message.destroy()
    }
    return Promise.resolve()
  }
}
