/** How many more requests a fault allows: as many as the call has left, one, or none. */
export type Retries = 'as-left' | 1 | 0

/** Who deals with a fault: here before the answer begins, another target, or whoever made the call. */
export type Where = 'here' | 'fallback' | 'caller' | 'nothing-to-do'

/** What a circuit breaker learns from a fault. */
export type BreakerVerdict =
  /** The provider is not well. */
  | 'failure'
  /** The provider answered: it is alive. */
  | 'alive'
  /** Says nothing about the provider. */
  | 'nothing'
  /** The provider answered, but the account or key is at fault: time does not heal it, so it opens no circuit but raises an alert. */
  | 'config'
  /** The provider named a time: nobody asks before it. */
  | 'wait'

/** How long to wait before the next request. A wait that the provider asks for is never undercut. */
export type DelayRule = 'none' | 'backoff' | 'slow-backoff'

/** Whether another target may take the call over. */
export type FallbackRule = 'yes' | 'if-asked' | 'no'

/** Name of a row of the decision table. */
export type FaultName =
  | 'rate-limited'
  | 'rate-limited-long'
  | 'rate-limited-unsaid'
  | 'quota-exhausted'
  | 'overloaded'
  | 'overloaded-in-reply'
  | 'error-after-content'
  | 'server-error'
  | 'gateway-error'
  | 'html-error'
  | 'request-timeout'
  | 'conflict'
  | 'invalid-request'
  | 'context-too-long'
  | 'unauthorized'
  | 'model-not-found'
  | 'filtered'
  | 'billing'
  | 'malformed-tool-call'
  | 'no-answer'
  | 'empty-answer'
  | 'invalid-body'
  | 'cut-tool-call'
  | 'malformed-arguments'
  | 'duplicate-tool-call-ids'
  | 'not-connected'
  | 'host-not-found'
  | 'tls-error'
  | 'stale-connection'
  | 'reset-before-headers'
  | 'reset-in-body'
  | 'reset-after-content'
  | 'http2-refused'
  | 'headers-timed-out'
  | 'content-timed-out'
  | 'stalled-after-content'
  | 'lingering-body'
  | 'incomplete'
  | 'incomplete-after-content'
  | 'cut-line'
  | 'aborted'
  | 'refused-here'
  | 'hedged-away'
  | 'deadline-passed'
  | 'circuit-open'
  | 'limit-reached'
  | 'unknown-error'

/** One row of the decision table. */
export interface Fault {
  readonly name: FaultName
  /** Row of the fault catalogue; 'own' for what only Holdfast itself can cause. */
  readonly row: number | 'own'
  /** How it is recognised. */
  readonly sign: string
  readonly retries: Retries
  readonly where: Where
  readonly breaker: BreakerVerdict
  /** The provider may have charged for the attempt although it gave no answer. */
  readonly possiblyBilled: boolean
  readonly delay: DelayRule
  readonly fallback: FallbackRule
  /** A person has to mend it: money, keys, names, certificates. */
  readonly alert: boolean
}

type Row = readonly [
  row: number | 'own',
  sign: string,
  retries: Retries,
  where: Where,
  breaker: BreakerVerdict,
  billed: 'billed?' | 'free',
  delay: DelayRule,
  fallback: FallbackRule,
  alert?: 'alert',
]

/**
 * What to do about each fault, in one place. `classify` finds the row; retry, circuit breaker and fallback obey it.
 * Rows that another policy deals with have their place here too, and no sign in `classify`.
 */
// oxfmt-ignore
const table: Readonly<Record<FaultName, Row>> = {
  // Rate limits and quota
  'rate-limited':            [1, '429, the wait asked for fits', 'as-left', 'here', 'alive', 'free', 'backoff', 'yes'],
  'rate-limited-long':       [2, '429, the wait asked for is longer than the cap or the deadline', 0, 'fallback', 'wait', 'free', 'none', 'yes'],
  'rate-limited-unsaid':     [3, '429 that names no wait', 'as-left', 'here', 'alive', 'free', 'backoff', 'yes'],
  'quota-exhausted':         [4, '429 with a quota, credit or spend-limit code', 0, 'fallback', 'config', 'free', 'none', 'yes', 'alert'],

  // The provider is not well
  'overloaded':              [5, '529, or overloaded_error with a status', 'as-left', 'here', 'failure', 'free', 'slow-backoff', 'yes'],
  'overloaded-in-reply':     [6, 'overloaded_error inside a 200, before content', 'as-left', 'here', 'failure', 'free', 'slow-backoff', 'yes'],
  'error-after-content':     [7, 'error event after content', 0, 'caller', 'failure', 'billed?', 'none', 'no'],
  'server-error':            [8, '500, 503, 520 to 523, other 5xx; any other error inside a 200, before content', 'as-left', 'here', 'failure', 'free', 'backoff', 'yes'],
  'gateway-error':           [9, '502, 504, 524', 'as-left', 'here', 'failure', 'billed?', 'backoff', 'yes'],
  'html-error':              [10, 'an error status with an HTML body: decided by its status', 0, 'nothing-to-do', 'nothing', 'free', 'none', 'no'],
  'request-timeout':         [11, '408', 'as-left', 'here', 'alive', 'free', 'backoff', 'yes'],
  'conflict':                [12, '409', 1, 'here', 'alive', 'free', 'backoff', 'no'],

  // The request is wrong
  'invalid-request':         [13, '400, 422, other 4xx', 0, 'caller', 'alive', 'free', 'none', 'no'],
  'context-too-long':        [14, '413, or 400 with a context-length code: never the same request again', 0, 'caller', 'alive', 'free', 'none', 'if-asked'],
  'unauthorized':            [15, '401, 403', 0, 'caller', 'config', 'free', 'none', 'if-asked', 'alert'],
  'model-not-found':         [16, '404, 410', 0, 'fallback', 'alive', 'free', 'none', 'yes', 'alert'],
  'filtered':                [17, 'a content filter refused the request', 0, 'caller', 'alive', 'free', 'none', 'if-asked'],
  'billing':                 [37, '402, or any status that speaks of the credit balance', 0, 'fallback', 'config', 'free', 'none', 'yes', 'alert'],

  // A 200 that is no answer
  'malformed-tool-call':     [18, 'the model wrote a tool call that its provider could not read', 1, 'here', 'alive', 'billed?', 'none', 'no'],
  'no-answer':               [18, 'a whole body without a candidate or without a finish', 1, 'here', 'alive', 'billed?', 'none', 'yes'],
  'empty-answer':            [18, 'an answer that says nothing and ends well', 1, 'here', 'alive', 'billed?', 'none', 'no'],
  'invalid-body':            [19, '200 with HTML, an empty or truncated body', 1, 'here', 'failure', 'billed?', 'backoff', 'yes'],

  // The tool gate decides these
  'cut-tool-call':           [20, 'finish reason length inside a tool call', 0, 'caller', 'alive', 'free', 'none', 'no'],
  'malformed-arguments':     [21, 'tool arguments that are no JSON, at a normal finish', 0, 'caller', 'alive', 'free', 'none', 'no'],
  'duplicate-tool-call-ids': [22, 'two tool calls with one id', 0, 'nothing-to-do', 'alive', 'free', 'none', 'no'],

  // The connection
  'not-connected':           [23, 'ECONNREFUSED, EAI_AGAIN, no route, connect timeout', 'as-left', 'here', 'failure', 'free', 'backoff', 'yes'],
  'host-not-found':          [24, 'ENOTFOUND', 1, 'here', 'failure', 'free', 'backoff', 'yes'],
  'tls-error':               [25, 'certificate and TLS errors', 0, 'caller', 'nothing', 'free', 'none', 'no', 'alert'],
  'stale-connection':        [26, 'a reused connection closed before headers, the first time in a call', 'as-left', 'here', 'nothing', 'free', 'none', 'yes'],
  'reset-before-headers':    [27, 'connection closed after sending, before headers', 'as-left', 'here', 'failure', 'billed?', 'backoff', 'yes'],
  'reset-in-body':           [28, 'connection closed in the body, before content was handed up', 1, 'here', 'failure', 'billed?', 'backoff', 'yes'],
  'reset-after-content':     [29, 'connection closed after content', 0, 'caller', 'failure', 'billed?', 'none', 'no'],
  'http2-refused':           [35, 'HTTP/2 GOAWAY or REFUSED_STREAM: not processed', 'as-left', 'here', 'nothing', 'free', 'none', 'yes'],

  // Silence
  'headers-timed-out':       [30, 'no headers in time', 1, 'here', 'failure', 'billed?', 'none', 'yes'],
  'content-timed-out':       [31, 'no content in time, before the first', 1, 'here', 'failure', 'billed?', 'none', 'yes'],
  'stalled-after-content':   [31, 'no more content in time', 0, 'caller', 'failure', 'billed?', 'none', 'no'],
  'lingering-body':          [32, 'terminal event in, body still open: it is closed', 0, 'nothing-to-do', 'alive', 'free', 'none', 'no'],
  'incomplete':              [33, 'clean end before content without a terminal event', 1, 'here', 'failure', 'billed?', 'backoff', 'yes'],
  'incomplete-after-content':[33, 'clean end after content without a terminal event', 0, 'caller', 'failure', 'billed?', 'none', 'no'],
  'cut-line':                [34, 'broken compression or a cut line before content', 1, 'here', 'failure', 'billed?', 'backoff', 'yes'],

  // Ourselves and the caller
  'aborted':                 [36, 'the caller aborted', 0, 'caller', 'nothing', 'billed?', 'none', 'no'],
  'refused-here':            [36, 'a policy of ours refused the call', 0, 'caller', 'nothing', 'free', 'none', 'no'],
  'hedged-away':             [38, 'another attempt of the same call was faster', 0, 'nothing-to-do', 'nothing', 'billed?', 'none', 'no'],
  'deadline-passed':         ['own', 'the call\'s own time is over', 0, 'caller', 'nothing', 'billed?', 'none', 'no'],
  'circuit-open':            ['own', 'the circuit breaker refused the attempt', 0, 'fallback', 'nothing', 'free', 'none', 'yes'],
  'limit-reached':           ['own', 'a limit of ours had no room for the attempt', 0, 'fallback', 'nothing', 'free', 'none', 'yes'],
  'unknown-error':           ['own', 'an error that nobody here knows', 0, 'caller', 'nothing', 'billed?', 'none', 'no'],
}

/** The decision table by name. */
export const faults: Readonly<Record<FaultName, Fault>> = Object.freeze(
  Object.fromEntries(
    (Object.entries(table) as [FaultName, Row][]).map(([name, row]) => [name, faultOf(name, row)]),
  ) as Record<FaultName, Fault>,
)

/** True where the attempt was refused here before it went out: what the provider said before says more. */
export function isRefusal({ name }: Fault): boolean {
  return name === 'circuit-open' || name === 'limit-reached'
}

function faultOf(name: FaultName, row: Row): Fault {
  const [number, sign, retries, where, breaker, billed, delay, fallback, alert] = row
  const possiblyBilled = billed === 'billed?'
  return Object.freeze({
    name,
    row: number,
    sign,
    retries,
    where,
    breaker,
    possiblyBilled,
    delay,
    fallback,
    alert: alert === 'alert',
  })
}
