const noBytes = new Uint8Array(0)
const boundaries = ['\n\n', '\r\n\r\n', '\r\r'] as const

/** Lets the events of a stream of server-sent events pass, and holds back the beginning of one. */
export class WholeEvents {
  #rest: Uint8Array = noBytes

  /** The bytes that can be handed up: up to the end of the last whole event. */
  take(bytes: Uint8Array): Uint8Array {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    const view = Buffer.from(all.buffer, all.byteOffset, all.byteLength)
    let end = 0
    for (const boundary of boundaries) {
      const at = view.lastIndexOf(boundary)
      if (at !== -1) end = Math.max(end, at + boundary.length)
    }
    this.#rest = all.subarray(end)
    return all.subarray(0, end)
  }

  /**
   * Of what was held back, an event that is all there but for its empty line; with it, that is. Readers do not wait for
   * that line, clients do. Nothing is held afterwards.
   */
  lastEvent(): Uint8Array {
    const rest = Buffer.from(this.rest()).toString()
    // A CR at the very end may be half a CRLF: the line is not over for readers either.
    const [lines = ''] = /^[^]*(?:\n|\r(?=[^]))/.exec(rest) ?? []
    return /(?:^|[\r\n])data:/.test(lines) ? Buffer.from(`${lines}\n\n`) : noBytes
  }

  /** What was held back; nothing is held afterwards. */
  rest(): Uint8Array {
    const rest = this.#rest
    this.#rest = noBytes
    return rest
  }
}
