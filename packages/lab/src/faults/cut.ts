import type { Mark, Move } from '../move.ts'
import { isSend } from '../move.ts'
import type { FaultContext } from './definition.ts'

/**
 * Splits an answer where a fault strikes in the middle: after some pieces of content of a stream, or inside the body
 * of a whole answer.
 */
export function inTheMiddle(
  moves: readonly Move[],
  context: FaultContext,
): { before: readonly Move[]; after: readonly Move[] } {
  if (!context.asked.streaming) return halfOfBody(moves)
  const contentAt = moves.flatMap((move, index) => (isSend(move, 'content') ? [index] : []))
  const wanted = context.fault.afterChunks ?? Math.ceil(contentAt.length / 2)
  // The last piece is kept back too, so that what got through is always less than the answer.
  const passed = Math.max(0, Math.min(wanted, contentAt.length - 1))
  const at = passed === 0 ? firstContent(moves) : (contentAt[passed - 1] ?? 0) + 1
  return { before: moves.slice(0, at), after: moves.slice(at) }
}

/** Splits a streamed answer right before its first content. */
export function beforeContent(moves: readonly Move[]): {
  before: readonly Move[]
  after: readonly Move[]
} {
  const at = firstContent(moves)
  return { before: moves.slice(0, at), after: moves.slice(at) }
}

/** Splits an answer right after its head. */
export function afterHead(moves: readonly Move[]): {
  before: readonly Move[]
  after: readonly Move[]
} {
  const at = moves.findIndex((move) => move.do === 'head') + 1
  return { before: moves.slice(0, at), after: moves.slice(at) }
}

/** The moves up to the first piece that has one of the marks. */
export function until(moves: readonly Move[], ...marks: readonly Mark[]): readonly Move[] {
  const at = moves.findIndex((move) => isSend(move, ...marks))
  return at === -1 ? moves : moves.slice(0, at)
}

/** The answer with the bytes of each piece changed. */
export function mapBytes(
  moves: readonly Move[],
  change: (bytes: Buffer) => readonly Buffer[],
): readonly Move[] {
  return moves.flatMap((move): readonly Move[] =>
    isSend(move) ? change(move.bytes).map((bytes) => ({ ...move, bytes })) : [move],
  )
}

/** All bytes of the body in one buffer. */
export function bodyBytes(moves: readonly Move[]): Buffer {
  return Buffer.concat(moves.flatMap((move) => (isSend(move) ? [move.bytes] : [])))
}

/** The head with other headers; undefined takes one away. */
export function withHeaders(
  moves: readonly Move[],
  changes: Readonly<Record<string, string | undefined>>,
): readonly Move[] {
  return moves.map((move) => {
    if (move.do !== 'head') return move
    const merged = Object.entries({ ...move.headers, ...changes })
    const headers = Object.fromEntries(
      merged.filter((entry): entry is [string, string] => entry[1] !== undefined),
    )
    return { ...move, headers }
  })
}

function firstContent(moves: readonly Move[]): number {
  const at = moves.findIndex((move) => isSend(move, 'content', 'finish', 'terminal'))
  return at === -1 ? moves.length : at
}

function halfOfBody(moves: readonly Move[]): { before: readonly Move[]; after: readonly Move[] } {
  const at = moves.findIndex((move) => isSend(move))
  const body = moves[at]
  if (!isSend(body)) return { before: moves, after: [] }
  const half = Math.ceil(body.bytes.length / 2)
  return {
    before: [...moves.slice(0, at), { ...body, bytes: body.bytes.subarray(0, half) }],
    after: [{ ...body, bytes: body.bytes.subarray(half) }, ...moves.slice(at + 1)],
  }
}
