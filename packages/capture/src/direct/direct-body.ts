import type { HttpBody } from '@holdfast/core'

// As fetch does it: an answer that nobody can read any more gives its connection back.
const forgotten = new FinalizationRegistry<HttpBody>((inflow) => void inflow.cancel())

/** An answer's body in the hands of its readers: what fills it knows nothing of it, so that it can be forgotten. */
export class DirectBody implements HttpBody {
  readonly #inflow: HttpBody

  constructor(inflow: HttpBody) {
    this.#inflow = inflow
    forgotten.register(this, inflow)
  }

  read(): Promise<Uint8Array | undefined> {
    return this.#inflow.read()
  }

  readAll(): Promise<Uint8Array> {
    return this.#inflow.readAll()
  }

  cancel(reason?: unknown): Promise<void> {
    return this.#inflow.cancel(reason)
  }
}
