/** Who is told what a server-sent event stream holds. */
export interface SseHandler {
  event(data: string, name: string): void
  comment(): void
}

/**
 * Takes the events out of a server-sent event stream that arrives in pieces, cut anywhere.
 * Lines may end in LF, CRLF or CR.
 */
export class SseSplitter {
  readonly #handler: SseHandler
  #line = ''
  #data: string | undefined
  #name = ''
  #afterReturn = false

  constructor(handler: SseHandler) {
    this.#handler = handler
  }

  push(piece: string): void {
    const source = this.#afterReturn || piece.includes('\r') ? this.#lineFeedsOnly(piece) : piece
    let start = 0
    for (;;) {
      const end = source.indexOf('\n', start)
      if (end < 0) {
        if (start < source.length) this.#line += start === 0 ? source : source.slice(start)
        return
      }
      if (this.#line === '') this.#readLine(source, start, end)
      else {
        const line = this.#line + source.slice(start, end)
        this.#line = ''
        this.#readLine(line, 0, line.length)
      }
      start = end + 1
    }
  }

  /** The stream is over: an event without its closing empty line is handed out too. */
  end(): void {
    if (this.#line !== '') {
      const line = this.#line
      this.#line = ''
      this.#readLine(line, 0, line.length)
    }
    this.#dispatch()
  }

  #readLine(source: string, start: number, end: number): void {
    if (start === end) this.#dispatch()
    else if (source.startsWith('data:', start)) {
      const value = fieldValue(source, start + 5, end)
      this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`
    } else if (source.startsWith('event:', start)) this.#name = fieldValue(source, start + 6, end)
    else if (source.charCodeAt(start) === 58) this.#handler.comment()
  }

  #dispatch(): void {
    const data = this.#data
    const name = this.#name
    this.#data = undefined
    this.#name = ''
    if (data !== undefined) this.#handler.event(data, name)
  }

  #lineFeedsOnly(piece: string): string {
    // A CRLF may be cut in two: its CR has ended the line already.
    const source = this.#afterReturn && piece.startsWith('\n') ? piece.slice(1) : piece
    if (piece.length > 0) this.#afterReturn = piece.endsWith('\r')
    return source.replaceAll('\r\n', '\n').replaceAll('\r', '\n')
  }
}

function fieldValue(source: string, from: number, end: number): string {
  return source.slice(source.charCodeAt(from) === 32 && from < end ? from + 1 : from, end)
}
