/** Who is told what a server-sent event stream holds. */
export interface SseHandler {
  /** Takes an event, as soon as its first data line is in. False: this is not all of it. */
  event(data: string, name: string): boolean
  /** An event is over and nobody took it. */
  untaken(data: string): void
  comment(): void
}

/**
 * Takes the events out of a server-sent event stream that arrives in pieces, cut anywhere.
 * Lines may end in LF, CRLF or CR. The empty line after an event is not waited for: some servers leave out the last.
 */
export class SseSplitter {
  readonly #handler: SseHandler
  #line = ''
  #data: string | undefined
  #name = ''
  #afterReturn = false
  /** True once anything that belongs into such a stream is in. */
  sawField = false

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

  /** The stream is over: a last line without its end is read too. */
  end(): void {
    if (this.#line !== '') {
      const line = this.#line
      this.#line = ''
      this.#readLine(line, 0, line.length)
    }
  }

  #readLine(source: string, start: number, end: number): void {
    if (start === end) {
      this.#close()
      return
    }
    this.sawField ||= /^(data|event|id|retry)?:/.test(source.slice(start, start + 6))
    if (source.startsWith('data:', start)) {
      const value = fieldValue(source, start + 5, end)
      if (this.#data !== undefined) this.#data += `\n${value}`
      else if (!this.#handler.event(value, this.#name)) this.#data = value
    } else if (source.startsWith('event:', start)) this.#name = fieldValue(source, start + 6, end)
    else if (source.charCodeAt(start) === 58) this.#handler.comment()
  }

  #close(): void {
    const data = this.#data
    if (data !== undefined) {
      this.#data = undefined
      if (!this.#handler.event(data, this.#name)) this.#handler.untaken(data)
    }
    this.#name = ''
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
