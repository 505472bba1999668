import type { Move } from '../move.ts'
import { isSend, streamMoves, wholeMoves } from '../move.ts'
import { bodyBytes, inTheMiddle, withHeaders } from './cut.ts'
import type { FaultDefinition } from './definition.ts'
import { defaultEveryMs, stall } from './definition.ts'

/** Faults of a 200 whose body is wrong, whole or streamed. */
export type BodyFault =
  | 'html-200'
  | 'empty-200'
  | 'null-200'
  | 'truncated-json-200'
  | 'error-in-200'
  | 'wrong-content-type'
  | 'no-content-type'
  | 'json-for-stream'
  | 'stream-for-json'
  | 'reset-mid-body'
  | 'close-mid-body'
  | 'stall-mid-body'
  | 'slow-body'

/** Their definitions. */
export const bodyFaults: Readonly<Record<BodyFault, FaultDefinition>> = {
  'html-200': {
    title: '200 with a web page',
    row: 19,
    moves: () =>
      wholeMoves(
        200,
        { 'content-type': 'text/html; charset=utf-8' },
        '<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><h1>Sign in to the network</h1></body></html>\n',
      ),
  },
  'empty-200': {
    title: '200 without a body',
    row: 19,
    moves: (moves) =>
      withHeaders(
        moves.filter((move) => move.do !== 'send'),
        { 'content-length': '0' },
      ),
  },
  'null-200': {
    title: '200 with the JSON null',
    row: 19,
    moves: () => wholeMoves(200, { 'content-type': 'application/json' }, 'null'),
  },
  'truncated-json-200': {
    title: '200 with JSON cut in the middle, and a length that agrees',
    row: 19,
    on: 'whole',
    moves: (moves) => {
      const bytes = bodyBytes(moves)
      return wholeMoves(200, headOf(moves), bytes.subarray(0, Math.floor(bytes.length * 0.6)))
    },
  },
  'error-in-200': {
    title: 'an error as the body of a 200',
    row: 19,
    moves: (_, { wire, asked, random }) => {
      const { body } = wire.error('server', { asked, random })
      return wholeMoves(200, { 'content-type': 'application/json' }, body)
    },
  },
  'wrong-content-type': {
    title: 'a good answer labelled text/plain',
    row: 0,
    moves: (moves) => withHeaders(moves, { 'content-type': 'text/plain; charset=utf-8' }),
  },
  'no-content-type': {
    title: 'a good answer without a content type',
    row: 0,
    moves: (moves) => withHeaders(moves, { 'content-type': undefined }),
  },
  'json-for-stream': {
    title: 'a stream was asked for, a whole answer came',
    row: 19,
    on: 'streamed',
    moves: (_, { wire, asked, answer, random }) => {
      const whole = { ...asked, streaming: false }
      return wholeMoves(200, wire.headers(whole, random), wire.whole(answer, whole))
    },
  },
  'stream-for-json': {
    title: 'a whole answer was asked for, a stream came',
    row: 19,
    on: 'whole',
    moves: (_, { wire, asked, answer, random }) => {
      const streamed = { ...asked, streaming: true }
      return streamMoves(200, wire.headers(streamed, random), wire.stream(answer, streamed))
    },
  },
  'reset-mid-body': {
    title: 'the connection is reset in the middle of the body',
    row: 28,
    on: 'whole',
    moves: (moves, context) => [
      ...inTheMiddle(moves, context).before,
      { do: 'wait', ms: 15 },
      { do: 'reset' },
    ],
  },
  'close-mid-body': {
    title: 'the connection is closed before the announced length',
    row: 28,
    on: 'whole',
    moves: (moves, context) => [
      ...inTheMiddle(moves, context).before,
      { do: 'wait', ms: 15 },
      { do: 'close' },
    ],
  },
  'stall-mid-body': {
    title: 'the body stops in the middle and the connection stays open',
    row: 31,
    on: 'whole',
    moves: (moves, context) => {
      const { before, after } = inTheMiddle(moves, context)
      return [...before, stall(context.fault), ...after]
    },
  },
  'slow-body': {
    title: 'the body drips, a few bytes at a time',
    row: 31,
    on: 'whole',
    moves: (moves, { fault }) =>
      moves.flatMap((move): readonly Move[] => {
        if (!isSend(move)) return [move]
        const size = Math.max(1, Math.ceil(move.bytes.length / 20))
        const drops: Move[] = []
        for (let at = 0; at < move.bytes.length; at += size) {
          drops.push({ ...move, bytes: move.bytes.subarray(at, at + size) })
          drops.push({ do: 'wait', ms: fault.everyMs ?? defaultEveryMs })
        }
        return drops
      }),
  },
}

function headOf(moves: readonly Move[]): Readonly<Record<string, string>> {
  const head = moves.find((move) => move.do === 'head')
  return head?.headers ?? {}
}
