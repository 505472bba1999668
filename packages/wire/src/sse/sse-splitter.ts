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
  /** The open line ends in a CR: half a CRLF, or an end of its own. */
  #openReturn = false
  /** True once anything that belongs into such a stream is in. */
  sawField = false

  constructor(handler: SseHandler) {
    this.#handler = handler
  }

  push(piece: string): void {
    if (piece === '') return
    const source = this.#openReturn || hasLoneReturn(piece) ? this.#lineFeeds(piece) : piece
    this.#openReturn = piece.endsWith('\r')
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

  #readLine(source: string, start: number, lineEnd: number): void {
    const end = lineEnd > start && source.charCodeAt(lineEnd - 1) === 13 ? lineEnd - 1 : lineEnd
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

  /** The piece with every CR that ends a line made an LF; the one at its end may yet be half a CRLF. */
  #lineFeeds(piece: string): string {
    if (this.#openReturn && !piece.startsWith('\n')) {
      const line = this.#line
      this.#line = ''
      this.#readLine(line, 0, line.length)
    }
    const open = piece.endsWith('\r') ? piece.length - 1 : piece.length
    const closed = piece.slice(0, open).replaceAll('\r\n', '\n').replaceAll('\r', '\n')
    return closed + piece.slice(open)
  }
}

function hasLoneReturn(piece: string): boolean {
  for (let at = piece.indexOf('\r'); at >= 0; at = piece.indexOf('\r', at + 1)) {
    if (at + 1 < piece.length && piece.charCodeAt(at + 1) !== 10) return true
  }
  return false
}

function fieldValue(source: string, from: number, end: number): string {
  return source.slice(source.charCodeAt(from) === 32 && from < end ? from + 1 : from, end)
}
