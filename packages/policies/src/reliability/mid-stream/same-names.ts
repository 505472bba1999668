/**
 * Some formats name the pieces of an answer, and clients hold on to the names: what is written after a seam has to call
 * the piece that goes on as the bytes before the seam did.
 */
export class SameNames {
  #before: Uint8Array | undefined
  #renamed: { readonly from: string; readonly to: string } | undefined

  /** The last bytes with text that were handed up. */
  handedUp(bytes: Uint8Array): void {
    this.#before = bytes
  }

  /** What is written, with the names that the application knows. */
  keep(written: Uint8Array): Uint8Array {
    const before = this.#before
    if (before === undefined) {
      if (this.#renamed === undefined) return written
    } else {
      const from = lastNameIn(written)
      if (from === undefined) return written
      this.#before = undefined
      const to = lastNameIn(before)
      if (to !== undefined && to !== from) this.#renamed = { from, to }
    }
    if (this.#renamed === undefined) return written
    const { from, to } = this.#renamed
    return Buffer.from(Buffer.from(written).toString().replaceAll(`"${from}"`, `"${to}"`))
  }
}

/** OpenAI's Responses name the item in each event. */
function lastNameIn(bytes: Uint8Array): string | undefined {
  const names = Buffer.from(bytes)
    .toString()
    .matchAll(/"item_id":\s*"([^"\\]+)"/g)
  return [...names].at(-1)?.[1]
}
