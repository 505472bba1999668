import { brotliCompressSync, constants, crc32, deflateRawSync, gzipSync } from 'node:zlib'

import type { Move } from '../move.ts'
import { isSend } from '../move.ts'
import { bodyBytes, mapBytes, withHeaders } from './cut.ts'
import type { FaultContext, FaultDefinition } from './definition.ts'

/** Faults of how the bytes are framed; most of them must not matter. */
export type FramingFault =
  | 'one-byte-chunks'
  | 'coalesced'
  | 'crlf'
  | 'carriage-returns'
  | 'comments-between'
  | 'no-done'
  | 'bom'
  | 'no-space-after-colon'
  | 'ids-and-retry'
  | 'events-between'
  | 'no-final-newline'
  | 'escaped-unicode'
  | 'gzip-ok'
  | 'gzip-without-trailer'
  | 'truncated-gzip'
  | 'brotli-ok'
  | 'truncated-brotli'
  | 'broken-gzip'

/** Wires whose streams are server-sent events. */
const ofEvents = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'cohere-chat',
] as const
/** Wires whose streams are text. */
const ofText = [...ofEvents, 'ollama-chat'] as const

/** Their definitions. */
export const framingFaults: Readonly<Record<FramingFault, FaultDefinition>> = {
  'one-byte-chunks': {
    title: 'every byte in a chunk of its own, also inside a UTF-8 character',
    row: 0,
    // A pause now and then: what comes together is cut anywhere too.
    moves: (moves) =>
      moves.flatMap((move): readonly Move[] =>
        isSend(move)
          ? Array.from(move.bytes, (byte, index) => ({
              ...move,
              bytes: Buffer.of(byte),
              atOnce: index % 16 > 0,
            }))
          : [move],
      ),
  },
  coalesced: {
    title: 'the whole stream in one chunk',
    row: 0,
    on: 'streamed',
    moves: (moves) => replaceBody(moves, [bodyBytes(moves)]),
  },
  crlf: {
    title: 'lines end in CRLF',
    row: 0,
    on: 'streamed',
    wires: ['openai-chat', 'openai-responses', 'anthropic-messages'],
    moves: mapText((text) => text.replaceAll('\n', '\r\n')),
  },
  'carriage-returns': {
    title: 'lines end in a lone CR',
    row: 0,
    on: 'streamed',
    wires: ofEvents,
    moves: eventsOnly((text) => text.replaceAll(/\r?\n/g, '\r')),
  },
  'comments-between': {
    title: 'comment lines before and between the events',
    row: 0,
    on: 'streamed',
    wires: ofEvents,
    moves: eventsOnly((text) => `: PROCESSING\n\n${text}`),
  },
  'no-done': {
    title: 'the finish reason came, [DONE] or message_stop does not',
    row: 0,
    on: 'streamed',
    wires: ['openai-chat', 'anthropic-messages'],
    moves: (moves) => moves.filter((move) => !isSend(move, 'terminal')),
  },
  bom: {
    title: 'a byte order mark before the body',
    row: 0,
    wires: ofText,
    moves: (moves) => {
      const at = moves.findIndex((move) => isSend(move))
      const marked = moves.map((move, index) =>
        index === at && isSend(move)
          ? { ...move, bytes: Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), move.bytes]) }
          : move,
      )
      return withLength(marked)
    },
  },
  'no-space-after-colon': {
    title: 'no space after the colons of the fields',
    row: 0,
    on: 'streamed',
    wires: ofEvents,
    moves: eventsOnly((text) => text.replaceAll(/^(data|event): /gm, '$1:')),
  },
  'ids-and-retry': {
    title: 'id and retry fields on the events',
    row: 0,
    on: 'streamed',
    wires: ofEvents,
    moves: eventsOnly((text, index) => `id: ${index}\nretry: 3000\n${text}`),
  },
  'events-between': {
    title: 'events of a kind that nobody knows between the others',
    row: 0,
    on: 'streamed',
    wires: ['anthropic-messages', 'openai-responses'],
    moves: eventsOnly((text, index) =>
      index === 0 || index % 3 > 0
        ? text
        : `event: lab.unheard_of\ndata: {"type":"lab.unheard_of","n":${index}}\n\n${text}`,
    ),
  },
  'no-final-newline': {
    title: 'the last event lacks its blank line',
    row: 0,
    on: 'streamed',
    wires: ofEvents,
    moves: (moves, { asked }) => {
      if (asked.framing !== 'sse') return undefined
      const at = moves.findLastIndex((move) => isSend(move))
      return moves.map((move, index) => {
        if (index !== at || !isSend(move)) return move
        return { ...move, bytes: Buffer.from(move.bytes.toString().replace(/[\r\n]+$/, '')) }
      })
    },
  },
  'escaped-unicode': {
    title: 'everything beyond ASCII as \\u escapes, surrogate pairs too',
    row: 0,
    wires: ofText,
    moves: (moves) =>
      withLength(
        mapBytes(moves, (bytes) => [
          Buffer.from(
            bytes
              .toString()
              .replaceAll(
                /[\u0080-\uffff]/g,
                (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
              ),
          ),
        ]),
      ),
  },
  'gzip-ok': {
    title: 'the body is gzip, flushed after every event',
    row: 0,
    moves: (moves, context) => accepts(context, 'gzip') && encoded(moves, 'gzip', gzipped(moves)),
  },
  'gzip-without-trailer': {
    title: 'all of the body in gzip, without its checksum',
    row: 34,
    moves: (moves, context) =>
      accepts(context, 'gzip') && encoded(moves, 'gzip', gzipped(moves).slice(0, -1)),
  },
  'truncated-gzip': {
    title: 'a gzip body that ends in the middle',
    row: 34,
    moves: (moves, context) => {
      const pieces = gzipped(moves)
      const bytes = Buffer.concat(pieces)
      const half = bytes.subarray(0, Math.floor(bytes.length * 0.6))
      return accepts(context, 'gzip') && encoded(moves, 'gzip', [half])
    },
  },
  'brotli-ok': {
    title: 'the body is brotli',
    row: 0,
    moves: (moves, context) =>
      accepts(context, 'br') && encoded(moves, 'br', [brotliCompressSync(bodyBytes(moves))]),
  },
  'truncated-brotli': {
    title: 'a brotli body that ends in the middle',
    row: 34,
    moves: (moves, context) => {
      const bytes = brotliCompressSync(bodyBytes(moves))
      const half = bytes.subarray(0, Math.floor(bytes.length * 0.6))
      return accepts(context, 'br') && encoded(moves, 'br', [half])
    },
  },
  'broken-gzip': {
    title: 'a body labelled gzip that is none',
    row: 34,
    moves: (moves, context) =>
      accepts(context, 'gzip') && withHeaders(moves, { 'content-encoding': 'gzip' }),
  },
}

function mapText(change: (text: string) => string) {
  return function mapText(moves: readonly Move[]): readonly Move[] {
    return mapBytes(moves, (bytes) => [Buffer.from(change(bytes.toString()))])
  }
}

/** Changes each event of a stream of server-sent events; Gemini's JSON array has none. */
function eventsOnly(change: (text: string, index: number) => string) {
  return function eventsOnly(
    moves: readonly Move[],
    { asked }: FaultContext,
  ): readonly Move[] | undefined {
    if (asked.framing !== 'sse') return undefined
    let index = 0
    return mapBytes(moves, (bytes) => [Buffer.from(change(bytes.toString(), index++))])
  }
}

function accepts({ request }: FaultContext, encoding: string): true | undefined {
  const accepted = (request.headers['accept-encoding'] ?? '').split(/[,;]\s*/)
  return accepted.includes(encoding) ? true : undefined
}

function encoded(
  moves: readonly Move[],
  encoding: string,
  pieces: readonly Buffer[],
): readonly Move[] {
  return withHeaders(withLength(replaceBody(moves, pieces)), { 'content-encoding': encoding })
}

/** One gzip member in pieces that can be decoded as they come. */
function gzipped(moves: readonly Move[]): Buffer[] {
  const pieces = moves.flatMap((move) => (isSend(move) ? [move.bytes] : []))
  const whole = Buffer.concat(pieces)
  const header = gzipSync('').subarray(0, 10)
  const blocks = pieces.map((bytes) =>
    deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }),
  )
  const trailer = Buffer.alloc(10)
  // An empty last block, then checksum and length.
  trailer.writeUInt16LE(0x0003, 0)
  trailer.writeUInt32LE(crc32(whole), 2)
  trailer.writeUInt32LE(whole.length, 6)
  return [header, ...blocks, trailer]
}

function replaceBody(moves: readonly Move[], pieces: readonly Buffer[]): readonly Move[] {
  const at = moves.findIndex((move) => isSend(move))
  const sends = pieces.map((bytes) => ({ do: 'send', bytes, mark: 'content' }) as const)
  return [...moves.slice(0, at), ...sends, ...moves.slice(at).filter((move) => !isSend(move))]
}

/** Corrects an announced length. */
function withLength(moves: readonly Move[]): readonly Move[] {
  const announced = moves.some(
    (move) => move.do === 'head' && move.headers['content-length'] !== undefined,
  )
  if (!announced) return moves
  return withHeaders(moves, { 'content-length': String(bodyBytes(moves).length) })
}
