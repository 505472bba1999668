import type { HttpBody } from '@holdfast/core'
import { readAll } from './read-all.ts'

/** An answer's bytes as they stand on the wire, which know whether anybody has looked at them. */
export abstract class RawBody implements HttpBody {
  #touched = false

  /** True once anything of it was asked for. */
  get touched(): boolean {
    return this.#touched
  }

  /** The next bytes, without saying that somebody looked at them. */
  abstract take(): Promise<Uint8Array | undefined>

  /** Ends the transfer. */
  protected abstract stop(reason: unknown): void

  read(): Promise<Uint8Array | undefined> {
    this.#touched = true
    return this.take()
  }

  readAll(): Promise<Uint8Array> {
    return readAll(this)
  }

  async cancel(reason?: unknown): Promise<void> {
    this.#touched = true
    this.stop(reason)
  }
}
