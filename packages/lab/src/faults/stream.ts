import type { Move } from '../move.ts'
import { bufferOf, isSend, partMove } from '../move.ts'
import type { ErrorKind } from '../wires/wire.ts'
import { afterHead, beforeContent, inTheMiddle, until } from './cut.ts'
import type { FaultContext, FaultDefinition } from './definition.ts'
import { defaultEveryMs, stall } from './definition.ts'

/** Faults of a stream that began well. */
export type StreamFault =
  | 'overloaded-event-first'
  | 'rate-limit-event-first'
  | 'error-event-first'
  | 'error-event-mid'
  | 'error-in-chunk'
  | 'stall-after-headers'
  | 'stall-before-content'
  | 'stall-mid-stream'
  | 'stall-with-pings'
  | 'stall-before-terminal'
  | 'slow-first-content'
  | 'slow-stream'
  | 'reset-before-content'
  | 'reset-mid-stream'
  | 'close-mid-stream'
  | 'reset-after-terminal'
  | 'linger-after-terminal'
  | 'empty-stream'
  | 'cut-before-content'
  | 'end-without-terminal'
  | 'end-after-content'
  | 'done-without-finish'
  | 'cut-last-line'
  | 'cut-mid-line'

/** Their definitions. */
export const streamFaults: Readonly<Record<StreamFault, FaultDefinition>> = {
  'overloaded-event-first': {
    title: '"overloaded" as an event of a 200, before any content',
    row: 6,
    on: 'streamed',
    moves: errorFirst('overloaded'),
  },
  'rate-limit-event-first': {
    title: '"rate limited" as an event of a 200, before any content',
    row: 6,
    on: 'streamed',
    moves: errorFirst('rate-limit'),
  },
  'error-event-first': {
    title: 'a server error as an event of a 200, before any content',
    row: 6,
    on: 'streamed',
    moves: errorFirst('server'),
  },
  'error-event-mid': {
    title: 'an error event after some content',
    row: 7,
    on: 'streamed',
    moves: (moves, context) => [
      ...inTheMiddle(moves, context).before,
      send(context.wire.errorEvent('server', context), 'terminal'),
      { do: 'end' },
    ],
  },
  'error-in-chunk': {
    title: 'an error inside an ordinary event, after some content',
    row: 7,
    on: 'streamed',
    moves: (moves, context) => [
      ...inTheMiddle(moves, context).before,
      send(context.wire.errorInChunk('server', context), 'terminal'),
      { do: 'end' },
    ],
  },
  'stall-after-headers': {
    title: 'headers, then not one byte',
    row: 31,
    moves: (moves, { fault }) => {
      const { before, after } = afterHead(moves)
      return [...before, stall(fault), ...after]
    },
  },
  'stall-before-content': {
    title: 'headers, then keep-alive bytes for ever',
    row: 31,
    on: 'streamed',
    moves: (moves, context) => [...beforeContent(moves).before, keepAlive(context)],
  },
  'stall-mid-stream': {
    title: 'some content, then nothing',
    row: 31,
    on: 'streamed',
    moves: (moves, context) => {
      const { before, after } = inTheMiddle(moves, context)
      return [...before, stall(context.fault), ...after]
    },
  },
  'stall-with-pings': {
    title: 'some content, then keep-alive bytes for ever',
    row: 31,
    on: 'streamed',
    moves: (moves, context) => [...inTheMiddle(moves, context).before, keepAlive(context)],
  },
  'stall-before-terminal': {
    title: 'all content, then nothing',
    row: 31,
    on: 'streamed',
    moves: (moves, { fault }) => {
      const before = until(moves, 'finish', 'usage', 'terminal')
      return [...before, stall(fault), ...moves.slice(before.length)]
    },
  },
  'slow-first-content': {
    title: 'the first content comes late, then all is well',
    row: 31,
    on: 'streamed',
    moves: (moves, { fault }) => {
      const { before, after } = beforeContent(moves)
      return [...before, { do: 'wait', ms: fault.stallMs ?? 500 }, ...after]
    },
  },
  'slow-stream': {
    title: 'content drips, one piece after a pause each',
    row: 31,
    on: 'streamed',
    moves: (moves, { fault }) =>
      moves.flatMap((move): readonly Move[] =>
        isSend(move, 'content')
          ? [{ do: 'wait', ms: fault.everyMs ?? defaultEveryMs }, move]
          : [move],
      ),
  },
  'reset-before-content': {
    title: 'the connection is reset before the first content',
    row: 28,
    on: 'streamed',
    moves: (moves) => [...beforeContent(moves).before, { do: 'wait', ms: 15 }, { do: 'reset' }],
  },
  'reset-mid-stream': {
    title: 'the connection is reset after some content',
    row: 29,
    on: 'streamed',
    moves: (moves, context) => [
      ...inTheMiddle(moves, context).before,
      { do: 'wait', ms: 15 },
      { do: 'reset' },
    ],
  },
  'close-mid-stream': {
    title: 'the connection is closed after some content, without the last chunk',
    row: 29,
    on: 'streamed',
    moves: (moves, context) => [
      ...inTheMiddle(moves, context).before,
      { do: 'wait', ms: 15 },
      { do: 'close' },
    ],
  },
  'reset-after-terminal': {
    title: 'the connection is reset after the terminal event',
    row: 32,
    on: 'streamed',
    moves: (moves) => [...withoutEnd(moves), { do: 'wait', ms: 15 }, { do: 'reset' }],
  },
  'linger-after-terminal': {
    title: 'the terminal event comes and the body never closes',
    row: 32,
    on: 'streamed',
    moves: (moves, { fault }) => [...withoutEnd(moves), stall(fault), { do: 'end' }],
  },
  'empty-stream': {
    title: 'a stream without one byte that ends well',
    row: 33,
    on: 'streamed',
    moves: (moves) => [...afterHead(moves).before, { do: 'end' }],
  },
  'cut-before-content': {
    title: 'the stream ends well before any content',
    row: 33,
    on: 'streamed',
    moves: (moves) => [...beforeContent(moves).before, { do: 'end' }],
  },
  'end-without-terminal': {
    title: 'the stream ends well in the middle of the content',
    row: 33,
    on: 'streamed',
    moves: (moves, context) => [...inTheMiddle(moves, context).before, { do: 'end' }],
  },
  'end-after-content': {
    title: 'the stream ends well after all content, without its terminal event',
    row: 33,
    on: 'streamed',
    moves: (moves) => [...until(moves, 'finish', 'usage', 'terminal'), { do: 'end' }],
  },
  'done-without-finish': {
    title: '[DONE] or message_stop comes without a finish reason',
    row: 33,
    on: 'streamed',
    wires: ['openai-chat', 'anthropic-messages'],
    moves: (moves) => moves.filter((move) => !isSend(move, 'finish', 'usage')),
  },
  'cut-last-line': {
    title: 'the stream ends well in the middle of its last content line',
    row: 34,
    on: 'streamed',
    moves: (moves) => cutLine(until(moves, 'finish', 'usage', 'terminal')),
  },
  'cut-mid-line': {
    title: 'the stream ends well in the middle of a content line',
    row: 34,
    on: 'streamed',
    moves: (moves, context) => cutLine(inTheMiddle(moves, context).before),
  },
}

function errorFirst(kind: ErrorKind) {
  return function errorFirst(moves: readonly Move[], context: FaultContext): readonly Move[] {
    const { wire, wireName } = context
    // Anthropic's and Responses' streams have begun when it comes; the others fail with their first event.
    const begun = wireName === 'anthropic-messages' || wireName === 'openai-responses'
    const { before } = begun ? beforeContent(moves) : afterHead(moves)
    const event = wire.errorEvent(kind, context)
    return [...before, send(event, 'terminal'), { do: 'end' }]
  }
}

function cutLine(moves: readonly Move[]): readonly Move[] {
  const at = moves.findLastIndex((move) => isSend(move, 'content'))
  const last = moves[at]
  if (!isSend(last)) return [...moves, { do: 'end' }]
  const bytes = last.bytes.subarray(0, Math.max(1, last.bytes.length - 24))
  return [...moves.slice(0, at), { ...last, bytes }, { do: 'end' }]
}

function keepAlive({ wire, asked, fault }: FaultContext): Move {
  const bytes = bufferOf(wire.keepAlive(asked))
  return { do: 'repeat', bytes, everyMs: fault.everyMs ?? defaultEveryMs, raw: false }
}

function send(text: string | Uint8Array, mark: 'terminal'): Move {
  return partMove({ mark, text })
}

function withoutEnd(moves: readonly Move[]): readonly Move[] {
  return moves.filter((move) => move.do !== 'end')
}
