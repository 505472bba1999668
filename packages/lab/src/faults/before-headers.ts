import type { Move } from '../move.ts'
import type { FaultDefinition } from './definition.ts'
import { defaultEveryMs, stall } from './definition.ts'

/** Faults that strike before the response headers are complete. */
export type BeforeHeadersFault =
  | 'connection-refused-like'
  | 'provider-down'
  | 'reset-before-headers'
  | 'close-before-headers'
  | 'reset-mid-headers'
  | 'reused-socket-reset'
  | 'reused-socket-closed'
  | 'not-http'
  | 'header-stall'
  | 'slow-headers'
  | 'slow-loris-headers'
  | 'interim-response'

/** Their definitions. */
export const beforeHeadersFaults: Readonly<Record<BeforeHeadersFault, FaultDefinition>> = {
  'connection-refused-like': {
    title: 'the connection closes at once, before any byte',
    row: 27,
    moves: () => [{ do: 'close' }],
  },
  'provider-down': {
    title: 'the connection is reset and new ones are refused for a while',
    row: 23,
    moves: (_, { fault }) => [{ do: 'down', ms: fault.downMs ?? 1000 }],
  },
  'reset-before-headers': {
    title: 'the connection is reset while the model works',
    row: 27,
    moves: () => [{ do: 'wait', ms: 15 }, { do: 'reset' }],
  },
  'close-before-headers': {
    title: 'the connection is closed while the model works',
    row: 27,
    moves: () => [{ do: 'wait', ms: 15 }, { do: 'close' }],
  },
  'reset-mid-headers': {
    title: 'the connection is reset in the middle of the headers',
    row: 27,
    moves: () => [
      raw('HTTP/1.1 200 OK\r\ncontent-type: applica'),
      { do: 'wait', ms: 15 },
      { do: 'reset' },
    ],
  },
  'reused-socket-reset': {
    title: 'a kept-alive connection turns out to be reset; a fresh one is fine',
    row: 26,
    moves: (_, { request }) => (request.reusedConnection ? [{ do: 'reset' }] : undefined),
  },
  'reused-socket-closed': {
    title: 'a kept-alive connection turns out to be closed; a fresh one is fine',
    row: 26,
    moves: (_, { request }) => (request.reusedConnection ? [{ do: 'close' }] : undefined),
  },
  'not-http': {
    title: 'what comes back is not HTTP',
    row: 27,
    moves: () => [raw('SSH-2.0-OpenSSH_9.6\r\n'), { do: 'wait', ms: 15 }, { do: 'close' }],
  },
  'header-stall': {
    title: 'no byte ever comes (or none for stallMs)',
    row: 30,
    moves: (moves, { fault }) => [stall(fault), ...moves],
  },
  'slow-headers': {
    title: 'the headers come late, then all is well',
    row: 30,
    moves: (moves, { fault }) => [{ do: 'wait', ms: fault.stallMs ?? 500 }, ...moves],
  },
  'slow-loris-headers': {
    title: 'the headers drip and never end',
    row: 30,
    moves: (_, { fault }) => [
      raw('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'),
      {
        do: 'repeat',
        bytes: Buffer.from('x-wait: 1\r\n'),
        everyMs: fault.everyMs ?? defaultEveryMs,
        raw: true,
      },
    ],
  },
  'interim-response': {
    title: '102 Processing first, then all is well',
    row: 0,
    moves: (moves) => [{ do: 'interim', status: 102 }, ...moves],
  },
}

function raw(text: string): Move {
  return { do: 'raw', bytes: Buffer.from(text, 'latin1') }
}
