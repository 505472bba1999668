/** What a piece of a body is for, so that a fault can strike at the right place. */
export type Mark = 'opening' | 'ping' | 'content' | 'closing' | 'finish' | 'usage' | 'terminal'

/** One thing the server does on the wire. An answer is a list of them, and so is a broken answer. */
export type Move =
  | { readonly do: 'head'; readonly status: number; readonly headers: HeadHeaders }
  | { readonly do: 'interim'; readonly status: 102 | 103 }
  | {
      readonly do: 'send'
      readonly bytes: Buffer
      readonly mark?: Mark
      /** A chunk of its own, without a pause before it. */
      readonly atOnce?: boolean
    }
  | { readonly do: 'end' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'raw'; readonly bytes: Buffer }
  | {
      readonly do: 'repeat'
      readonly bytes: Buffer
      readonly everyMs: number
      readonly raw: boolean
    }
  | { readonly do: 'reset' }
  | { readonly do: 'close' }
  | { readonly do: 'down'; readonly ms: number }

/** Response headers of a head move. */
export type HeadHeaders = Readonly<Record<string, string>>

/** A piece of a body, as a wire writes it. */
export interface Part {
  readonly mark: Mark
  readonly text: string | Uint8Array
}

/** The moves of an answer that is sent in one go, with its length announced. */
export function wholeMoves(status: number, headers: HeadHeaders, body: string | Buffer): Move[] {
  const bytes = Buffer.from(body)
  return [
    { do: 'head', status, headers: { ...headers, 'content-length': String(bytes.length) } },
    ...(bytes.length > 0 ? [{ do: 'send', bytes, mark: 'content' } as const] : []),
    { do: 'end' },
  ]
}

/** The moves of a streamed answer, chunk by chunk. */
export function streamMoves(status: number, headers: HeadHeaders, parts: readonly Part[]): Move[] {
  return [{ do: 'head', status, headers }, ...parts.map(partMove), { do: 'end' }]
}

/** The move that sends one part. */
export function partMove({ mark, text }: Part): Move {
  return { do: 'send', bytes: bufferOf(text), mark }
}

/** Text or bytes as bytes. */
export function bufferOf(text: string | Uint8Array): Buffer {
  return typeof text === 'string' ? Buffer.from(text) : Buffer.from(text)
}

/** True for a move that sends a piece of the body, with one of the marks where marks are given. */
export function isSend(
  move: Move | undefined,
  ...marks: readonly Mark[]
): move is Extract<Move, { do: 'send' }> {
  if (move?.do !== 'send') return false
  return marks.length === 0 || (move.mark !== undefined && marks.includes(move.mark))
}
