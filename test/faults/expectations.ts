import type { Fault, FaultName as LabFaultName } from '@holdfast/lab'
import type { Wire } from './clients/client.ts'

/** The faults of the matrix: the lab's own, and a port on which nobody listens. */
export type FaultName = LabFaultName | 'connection-refused'

/** How a call ends that the fault strikes at every request. */
export type Ending =
  /** The full answer arrives all the same. */
  | { readonly ends: 'finishes' }
  /** As the provider said it: this status, in the SDK's own class for it. */
  | { readonly ends: 'status' }
  /** As the client alone would fail: same class. */
  | { readonly ends: 'as-bare' }
  /**
   * As the client reports a lost connection: its own class for that, or what it throws alone. Holdfast holds an answer
   * back until it has begun, so for an SDK the connection breaks earlier than it would alone.
   */
  | { readonly ends: 'lost' }
  /** With one of these codes of Holdfast; some SDKs keep their own timeout error instead. */
  | { readonly ends: 'code'; readonly codes: readonly string[] }
  /** The answer is cut, and the finish reason says so. */
  | { readonly ends: 'length' }

/** What the decision table says about one fault. */
export interface Expectation {
  readonly fault: FaultName
  /** What goes wrong, in plain words. */
  readonly what: string
  /** What Holdfast does about it, in plain words. */
  readonly does: string
  /** Row of the decision table. */
  readonly row: number
  readonly on: 'both' | 'streamed' | 'whole'
  /** The only wires that have it. @default all */
  readonly wires?: readonly Wire[]
  /** How many more requests the table allows after the first. A fault that goes away within them is not noticed. */
  readonly retries: 0 | 1 | 2
  readonly always: Ending
  /** No other request before this time after the failure, as the provider asked. @default 0 */
  readonly waitMs?: number
  /** How long a cell may take. @default the deadline of the call and a second */
  readonly withinMs?: number
  /** Details for the lab. */
  readonly details?: Omit<Fault, 'name'>
  /** The fault cannot go away in the middle of a call. */
  readonly onlyAlways?: true
  /** The request offers a tool, and the fault strikes its call. */
  readonly tools?: true
}

const status: Ending = { ends: 'status' }
const asBare: Ending = { ends: 'as-bare' }
const lost: Ending = { ends: 'lost' }
const finishes: Ending = { ends: 'finishes' }
const invalid: Ending = { ends: 'code', codes: ['REPLY_INVALID'] }
const timedOut: Ending = { ends: 'code', codes: ['CALL_TIMED_OUT'] }
const stalled: Ending = { ends: 'code', codes: ['STREAM_STALLED', 'CALL_TIMED_OUT'] }
// On Gemini, a stream without content is a body without a byte.
const noContent: Ending = { ends: 'code', codes: ['STREAM_INCOMPLETE', 'REPLY_INVALID'] }
const incomplete: Ending = { ends: 'code', codes: ['STREAM_INCOMPLETE'] }

/** The commonest faults and what must come of them, in the order of the decision table. */
// oxfmt-ignore
export const expectations: readonly Expectation[] = [
  { fault: 'rate-limited', row: 1, on: 'both', retries: 2, always: status, waitMs: 1000,
    what: '429 with Retry-After in seconds',
    does: 'waits at least as long as asked, then asks again, at most twice' },
  { fault: 'rate-limited-ms', row: 1, on: 'both', retries: 2, always: status, waitMs: 300, details: { retryAfterMs: 300 },
    what: '429 with `retry-after-ms` alone',
    does: 'waits at least as long as asked, then asks again, at most twice' },
  { fault: 'rate-limited-long', row: 2, on: 'both', retries: 0, always: status,
    what: '429 that asks for an hour',
    does: 'does not wait: another target, or the 429 at once, which no layer above tries again' },
  { fault: 'rate-limited-no-header', row: 3, on: 'both', retries: 2, always: status,
    what: '429 that names no wait',
    does: 'asks again after a growing pause, at most twice' },
  { fault: 'rate-limited-reset-headers', row: 3, on: 'both', retries: 2, always: status, waitMs: 1000,
    what: '429 with the provider\'s rate-limit reset headers alone',
    does: 'waits until the limit is whole again, then asks again, at most twice' },
  { fault: 'rate-limited-body-delay', row: 3, on: 'both', wires: ['gemini'], retries: 2, always: status, waitMs: 1000,
    what: '429 that says in its body alone when to come back (`RetryInfo`)',
    does: 'waits at least as long as asked, then asks again, at most twice' },
  { fault: 'quota-exhausted', row: 4, on: 'both', retries: 0, always: status,
    what: 'the quota is used up',
    does: 'never asks again: another target, or the error at once' },
  { fault: 'overloaded', row: 5, on: 'both', retries: 2, always: status,
    what: '529 or 503, the model is overloaded',
    does: 'asks again after a pause of a second or more, at most twice' },
  { fault: 'overloaded-event-first', row: 6, on: 'streamed', retries: 2, always: asBare,
    what: '"overloaded" as the first event of a stream that began with 200',
    does: 'holds the stream back until content comes, so it asks again as for a 529' },
  { fault: 'error-event-mid', row: 7, on: 'streamed', retries: 0, always: asBare,
    what: 'an error event after some content',
    does: 'hands it on: what was said cannot be taken back' },
  { fault: 'server-error', row: 8, on: 'both', retries: 2, always: status,
    what: '500',
    does: 'asks again after a pause, at most twice' },
  { fault: 'unavailable', row: 8, on: 'both', retries: 2, always: status,
    what: '503',
    does: 'asks again after a pause, at most twice' },
  { fault: 'unavailable-retry-after', row: 8, on: 'both', retries: 2, always: status, waitMs: 1000,
    what: '503 with Retry-After',
    does: 'waits at least as long as asked, then asks again, at most twice' },
  { fault: 'bad-gateway-html', row: 9, on: 'both', retries: 2, always: status,
    what: '502 with a web page',
    does: 'asks again, at most twice, and notes that the first may have been billed' },
  { fault: 'gateway-timeout', row: 9, on: 'both', retries: 2, always: status,
    what: '504',
    does: 'asks again, at most twice, and notes that the first may have been billed' },
  { fault: 'request-timeout', row: 11, on: 'both', retries: 2, always: status,
    what: '408',
    does: 'asks again after a pause, at most twice' },
  { fault: 'conflict', row: 12, on: 'both', retries: 1, always: status,
    what: '409',
    does: 'asks once more' },
  { fault: 'invalid-request', row: 13, on: 'both', retries: 0, always: status,
    what: '400, a parameter is wrong',
    does: 'hands it on: the same request would fail again' },
  { fault: 'context-length', row: 14, on: 'both', retries: 0, always: status,
    what: '400, the prompt is too long',
    does: 'hands it on: the same request would fail again' },
  { fault: 'invalid-key', row: 15, on: 'both', retries: 0, always: status,
    what: '401, the key is not valid',
    does: 'hands it on at once' },
  { fault: 'model-not-found', row: 16, on: 'both', retries: 0, always: status,
    what: '404, no such model',
    does: 'another target, or the error at once' },
  { fault: 'html-200', row: 19, on: 'both', retries: 1, always: invalid,
    what: '200 with a web page',
    does: 'asks once more, then REPLY_INVALID instead of an empty answer' },
  { fault: 'empty-200', row: 19, on: 'both', retries: 1, always: noContent,
    what: '200 without a body',
    does: 'asks once more, then a typed error instead of an empty answer' },
  { fault: 'truncated-json-200', row: 19, on: 'whole', retries: 1, always: invalid,
    what: '200 with JSON cut in the middle',
    does: 'asks once more, then REPLY_INVALID' },
  { fault: 'length-cut-tool-call', row: 20, on: 'both', retries: 0, always: { ends: 'length' }, tools: true,
    what: 'a tool call cut by the token limit',
    does: 'hands the answer on with its finish reason: it never looks like a finished tool call' },
  { fault: 'connection-refused', row: 23, on: 'both', retries: 2, always: asBare, onlyAlways: true,
    what: 'nobody listens',
    does: 'asks again, at most twice: nothing was sent' },
  { fault: 'reset-before-headers', row: 27, on: 'both', retries: 2, always: asBare,
    what: 'the connection is reset before the answer',
    does: 'asks again, at most twice, and notes that it may have been billed' },
  { fault: 'close-before-headers', row: 27, on: 'both', retries: 2, always: asBare,
    what: 'the connection is closed before the answer',
    does: 'asks again, at most twice, and notes that it may have been billed' },
  { fault: 'reset-mid-body', row: 28, on: 'whole', retries: 1, always: lost,
    what: 'the connection is reset in the body',
    does: 'asks once more' },
  { fault: 'reset-before-content', row: 28, on: 'streamed', retries: 1, always: lost,
    what: 'the connection is reset before the first content of a stream',
    does: 'asks once more: nothing was handed up yet' },
  { fault: 'reset-mid-stream', row: 29, on: 'streamed', retries: 0, always: asBare,
    what: 'the connection is reset in the middle of a stream',
    does: 'hands the error on: what was said cannot be taken back' },
  { fault: 'header-stall', row: 30, on: 'both', retries: 1, always: timedOut,
    what: 'no byte ever comes',
    does: 'gives up after `headersMs`, asks once more, then CALL_TIMED_OUT' },
  { fault: 'stall-mid-body', row: 31, on: 'whole', retries: 1, always: stalled,
    what: 'a whole answer stops in the middle',
    does: 'gives up in time, asks once more, then a typed error' },
  { fault: 'stall-before-content', row: 31, on: 'streamed', retries: 1, always: stalled,
    what: 'a stream begins, then only keep-alive bytes',
    does: 'gives up after `firstContentMs` (keep-alive bytes are no content), asks once more' },
  { fault: 'stall-mid-stream', row: 31, on: 'streamed', retries: 0, always: stalled,
    what: 'a stream stops after some content',
    does: 'gives up after `betweenContentMs` with STREAM_STALLED' },
  { fault: 'stall-with-pings', row: 31, on: 'streamed', retries: 0, always: stalled,
    what: 'a stream stops after some content, and keep-alive bytes go on',
    does: 'gives up after `betweenContentMs` with STREAM_STALLED: keep-alive bytes are no content' },
  { fault: 'linger-after-terminal', row: 32, on: 'streamed', retries: 0, always: finishes, withinMs: 3000,
    what: 'the stream says that it is over and never closes',
    does: 'closes it within a second: the answer is complete' },
  { fault: 'cut-before-content', row: 33, on: 'streamed', retries: 1, always: noContent,
    what: 'a stream ends well before any content',
    does: 'asks once more, then a typed error instead of an empty answer' },
  { fault: 'end-without-terminal', row: 33, on: 'streamed', retries: 0, always: incomplete,
    what: 'a stream ends well in the middle of the answer',
    does: 'STREAM_INCOMPLETE: never a short answer that looks whole' },
  { fault: 'end-after-content', row: 33, on: 'streamed', retries: 0, always: incomplete,
    what: 'a stream ends well without its terminal event',
    does: 'STREAM_INCOMPLETE: nobody knows whether more was to come' },
  { fault: 'cut-mid-line', row: 34, on: 'streamed', retries: 0, always: incomplete,
    what: 'a stream ends well in the middle of a line',
    does: 'STREAM_INCOMPLETE' },
]

/** The expectation for a fault. */
export function expectationOf(fault: FaultName): Expectation {
  const found = expectations.find((expectation) => expectation.fault === fault)
  if (found === undefined) throw new TypeError(`no expectation for the fault "${fault}"`)
  return found
}
