import type { FaultName as DecisionRow } from '@holdfast/policies/reliability'

/** A row of the decision table; `good` is an answer that only looks odd. */
export type Row = DecisionRow | 'good'

/** How a call ends that the fault strikes at every request. */
export type Ending =
  /** The full answer arrives all the same. */
  | { readonly ends: 'finishes' }
  /** As the provider said it: its status (or this one), in the SDK's own class for it. */
  | { readonly ends: 'status'; readonly status?: number }
  /** As the client alone would fail: same class. */
  | { readonly ends: 'as-bare' }
  /**
   * As the client reports a lost connection: its own class for that, or what it throws alone. Holdfast holds an answer
   * back until it has begun, so for an SDK the connection breaks earlier than it would alone.
   */
  | { readonly ends: 'lost' }
  /** With one of these codes of Holdfast; some SDKs keep their own timeout error instead. */
  | { readonly ends: 'code'; readonly codes: readonly string[] }
  /** The answer is not all of it, and its finish reason says so. */
  | { readonly ends: 'said' }
  /** What came is handed on as it is: the client makes of it what it makes of it alone. */
  | { readonly ends: 'as-alone' }

/** What an application sees of a row of the decision table. */
export interface Seen {
  /** What Holdfast does, in plain words. */
  readonly does: string
  readonly always: Ending
}

const status: Ending = { ends: 'status' }
const asBare: Ending = { ends: 'as-bare' }
const asAlone: Ending = { ends: 'as-alone' }
const lost: Ending = { ends: 'lost' }
const invalid: Ending = { ends: 'code', codes: ['REPLY_INVALID'] }
const timedOut: Ending = { ends: 'code', codes: ['CALL_TIMED_OUT'] }
const stalled: Ending = { ends: 'code', codes: ['STREAM_STALLED', 'CALL_TIMED_OUT'] }
const interrupted: Ending = { ends: 'code', codes: ['STREAM_INTERRUPTED'] }
const interruptedLate: Ending = { ends: 'code', codes: ['STREAM_INTERRUPTED', 'CALL_TIMED_OUT'] }

/** What a matrix of faults can meet; the numbers (how often, how long) are the decision table's own. */
// oxfmt-ignore
export const rows: Readonly<Partial<Record<Row, Seen>>> = {
  good: { always: { ends: 'finishes' },
    does: 'Nothing: the answer is good' },
  'rate-limited': { always: status,
    does: 'Waits at least as long as asked, then asks again' },
  'rate-limited-long': { always: status,
    does: 'Does not wait: another target, or the 429 at once, which no layer above tries again' },
  'rate-limited-unsaid': { always: status,
    does: 'Asks again after a growing pause' },
  'quota-exhausted': { always: status,
    does: 'Never asks again: another target, or the error at once' },
  billing: { always: status,
    does: 'Never asks again: another target, or the error at once' },
  overloaded: { always: status,
    does: 'Asks again after a pause of a second or more' },
  'overloaded-in-reply': { always: asBare,
    does: 'Holds the stream back until content comes, so it asks again as for a 529' },
  'error-after-content': { always: asBare,
    does: 'Hands it on: what was said cannot be taken back' },
  'server-error': { always: status,
    does: 'Asks again after a growing pause' },
  'gateway-error': { always: status,
    does: 'Asks again after a growing pause, and notes that the first may have been billed' },
  'request-timeout': { always: status,
    does: 'Asks again after a growing pause' },
  conflict: { always: status,
    does: 'Asks once more' },
  'invalid-request': { always: status,
    does: 'Hands it on: the same request would fail again' },
  'context-too-long': { always: status,
    does: 'Hands it on: the same request would fail again' },
  unauthorized: { always: status,
    does: 'Hands it on at once' },
  'model-not-found': { always: status,
    does: 'Another target, or the error at once' },
  filtered: { always: { ends: 'said' },
    does: 'Hands it on: another provider only where a policy says so' },
  'malformed-tool-call': { always: asAlone,
    does: 'Asks once more, then hands it on' },
  'empty-answer': { always: asAlone,
    does: 'Asks once more, then hands it on' },
  'no-answer': { always: invalid,
    does: 'Asks once more, then a typed error instead of an empty answer' },
  'invalid-body': { always: invalid,
    does: 'Asks once more, then a typed error instead of an empty answer' },
  'cut-tool-call': { always: { ends: 'said' },
    does: 'Hands it on with its finish reason: it never looks like a finished tool call' },
  'malformed-arguments': { always: asAlone,
    does: 'Hands it on: what is to be done with a bad tool call is for the gate of tools to say' },
  'duplicate-tool-call-ids': { always: asAlone,
    does: 'Hands it on' },
  'not-connected': { always: asBare,
    does: 'Asks again after a growing pause: nothing was sent' },
  'tls-error': { always: asBare,
    does: 'Hands it on: a certificate does not get better' },
  'stale-connection': { always: { ends: 'finishes' },
    does: 'Asks again at once, on a fresh connection' },
  'reset-before-headers': { always: asBare,
    does: 'Asks again after a growing pause, and notes that it may have been billed' },
  'reset-in-body': { always: lost,
    does: 'Asks once more: nothing was handed up yet' },
  'reset-after-content': { always: asBare,
    does: 'Hands the error on: what was said cannot be taken back' },
  'headers-timed-out': { always: timedOut,
    does: 'Gives up after `headersMs`, asks once more' },
  'content-timed-out': { always: stalled,
    does: 'Gives up after `firstContentMs` (keep-alive bytes are no content), asks once more' },
  'stalled-after-content': { always: interruptedLate,
    does: 'Gives up after `betweenContentMs`: keep-alive bytes are no content' },
  'lingering-body': { always: { ends: 'finishes' },
    does: 'Closes it within a second: the answer is complete' },
  // On Gemini, a stream without content is a body without a byte.
  incomplete: { always: { ends: 'code', codes: ['STREAM_INCOMPLETE', 'REPLY_INVALID'] },
    does: 'Asks once more, then a typed error instead of an empty answer' },
  'incomplete-after-content': { always: interrupted,
    does: 'A typed error with what had arrived: never a short answer that looks whole' },
  'cut-line': { always: lost,
    does: 'Asks once more' },
}
