import { faults as catalogue } from '@holdfast/lab'
import type { Fault, FaultListing, FaultName as LabFaultName } from '@holdfast/lab'
import { faults as decisions } from '@holdfast/policies/reliability'
import type { Wire } from './clients/client.ts'
import { policies } from './policies.ts'
import { rows } from './rows.ts'
import type { Ending, Row } from './rows.ts'

/** The faults of the matrix: the lab's own, and two that need no lab. */
export type FaultName = LabFaultName | 'connection-refused' | 'certificate-unknown'

/** What the decision table says about one fault, for whole answers or for streams. */
export interface Expectation {
  readonly row: Row
  /** What Holdfast does about it, in plain words. */
  readonly does: string
  /** How many more requests the table allows after the first. A fault that goes away within them is not noticed. */
  readonly retries: number
  readonly always: Ending
  /** No other request before this time after the failure, as the provider asked. */
  readonly waitMs: number
}

/** One fault of the matrix. */
export interface Kind extends Peculiarities {
  readonly fault: FaultName
  /** What goes wrong, in plain words. */
  readonly what: string
  readonly on: FaultListing['on']
  readonly wires: readonly Wire[]
}

interface Peculiarities {
  /** Details for the lab. */
  readonly details?: Omit<Fault, 'name'>
  /** The wait that the provider asks for. */
  readonly waitMs?: number
  /** How long a cell may take. @default the deadline of the call and a second */
  readonly withinMs?: number
  /** Where the fault itself says more than its row: fewer retries, another ending, in other words. */
  readonly retries?: number
  readonly always?: Ending
  readonly does?: string
  /** The fault cannot go away in the middle of a call. */
  readonly onlyAlways?: true
  /** The request offers a tool, and the fault strikes its call. */
  readonly tools?: true
  /** A good call goes before, so that its connection is there to be used again; the fault strikes once. */
  readonly warm?: true
  /** Not every attempt arrives at a lab: only Holdfast itself can count them. */
  readonly unseen?: true
}

/** The row of the decision table that a fault is, where it depends on the wire or on streaming, of which. */
type Rows = Row | ((wire: Wire, stream: boolean) => Row)

type Spec = readonly [row: Rows, more?: Peculiarities]

const everyWire: readonly Wire[] = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
]

/** Every fault of the catalogue and its row. What an SDK makes of it has no say in this. */
const specs: Readonly<Record<Exclude<FaultName, Left>, Spec>> = {
  // Before the headers
  'connection-refused': ['not-connected', { onlyAlways: true, unseen: true }],
  'certificate-unknown': ['tls-error', { onlyAlways: true, unseen: true }],
  'connection-refused-like': ['reset-before-headers'],
  'provider-down': [
    'not-connected',
    { onlyAlways: true, unseen: true, details: { downMs: 60_000 } },
  ],
  'reset-before-headers': ['reset-before-headers'],
  'close-before-headers': ['reset-before-headers'],
  'reset-mid-headers': ['reset-before-headers'],
  'reused-socket-reset': ['stale-connection', { warm: true }],
  'reused-socket-closed': ['stale-connection', { warm: true }],
  'not-http': ['reset-before-headers'],
  'header-stall': ['headers-timed-out'],
  'slow-headers': ['good'],
  'slow-loris-headers': ['headers-timed-out'],
  'interim-response': ['good'],

  // An error status
  'rate-limited': ['rate-limited', { waitMs: 1000 }],
  'rate-limited-ms': ['rate-limited', { waitMs: 300, details: { retryAfterMs: 300 } }],
  // The date is a second from when the answer was made, a moment before it was sent.
  'rate-limited-date': ['rate-limited', { waitMs: 990 }],
  'rate-limited-long': ['rate-limited-long'],
  'rate-limited-no-header': ['rate-limited-unsaid'],
  'rate-limited-reset-headers': ['rate-limited', { waitMs: 1000 }],
  'rate-limited-body-delay': ['rate-limited', { waitMs: 1000 }],
  'quota-exhausted': ['quota-exhausted'],
  'credit-exhausted': ['quota-exhausted'],
  'spend-limit': ['quota-exhausted'],
  billing: ['billing'],
  overloaded: ['overloaded'],
  'server-error': ['server-error'],
  'server-error-empty': ['server-error'],
  'server-error-text': ['server-error'],
  // The provider's own word counts more than the table.
  'server-error-no-retry': ['server-error', { retries: 0, does: 'Obeys: hands it on at once' }],
  unavailable: ['server-error'],
  'unavailable-retry-after': ['server-error', { waitMs: 1000 }],
  'unavailable-html': ['server-error'],
  'bad-gateway': ['gateway-error'],
  'bad-gateway-html': ['gateway-error'],
  'gateway-timeout': ['gateway-error'],
  'cloudflare-520': ['server-error'],
  'cloudflare-521': ['server-error'],
  'cloudflare-522': ['server-error'],
  'cloudflare-523': ['server-error'],
  'cloudflare-524': ['gateway-error'],
  'request-timeout': ['request-timeout'],
  conflict: ['conflict'],
  'invalid-request': ['invalid-request'],
  unprocessable: ['invalid-request'],
  'context-length': ['context-too-long'],
  'payload-too-large': ['context-too-long'],
  'invalid-key': ['unauthorized'],
  forbidden: ['unauthorized'],
  'unsupported-region': ['unauthorized'],
  'model-not-found': ['model-not-found'],
  'model-deprecated': ['model-not-found'],
  'content-filter': ['filtered', { always: { ends: 'status' } }],

  // A 200 with a wrong body
  'html-200': ['invalid-body'],
  'empty-200': [(_, stream) => (stream ? 'incomplete' : 'invalid-body')],
  'null-200': ['invalid-body'],
  'truncated-json-200': ['invalid-body'],
  'error-in-200': ['server-error', { always: { ends: 'status', status: 500 } }],
  'wrong-content-type': ['good'],
  'no-content-type': ['good'],
  'json-for-stream': ['invalid-body'],
  'stream-for-json': ['invalid-body'],
  'reset-mid-body': ['reset-in-body'],
  'close-mid-body': ['reset-in-body'],
  'stall-mid-body': ['content-timed-out'],
  'slow-body': ['good', { details: { everyMs: 20 } }],

  // A whole answer that says something wrong
  'filtered-finish': ['filtered'],
  recitation: ['filtered'],
  refusal: ['filtered', { always: { ends: 'as-alone' } }],
  'prompt-blocked': ['filtered', { always: { ends: 'as-alone' } }],
  'malformed-function-call': ['malformed-tool-call'],
  // Where an answer is a list of choices or candidates, none is no answer; else it is an answer that says nothing.
  'empty-choices': [
    (wire, stream) => {
      if (wire === 'openai-responses' || wire === 'anthropic-messages') return 'empty-answer'
      return stream ? 'incomplete' : 'no-answer'
    },
  ],
  'empty-answer': ['empty-answer'],
  'length-cut': ['good', { always: { ends: 'said' } }],
  'length-cut-tool-call': ['cut-tool-call', { tools: true }],
  'malformed-tool-arguments': ['malformed-arguments', { tools: true }],
  'empty-tool-arguments': ['malformed-arguments', { tools: true }],
  'unknown-tool': ['malformed-arguments', { tools: true }],
  'duplicate-tool-ids': ['duplicate-tool-call-ids', { tools: true }],
  'empty-tool-id': ['duplicate-tool-call-ids', { tools: true }],
  'usage-missing': ['good'],
  'unknown-finish-reason': ['good'],

  // A stream that began well
  'overloaded-event-first': ['overloaded-in-reply'],
  'rate-limit-event-first': ['rate-limited-unsaid', { always: { ends: 'as-bare' } }],
  'error-event-first': ['server-error', { always: { ends: 'as-bare' } }],
  'error-event-mid': ['error-after-content'],
  'error-in-chunk': ['error-after-content'],
  'stall-after-headers': ['content-timed-out'],
  'stall-before-content': ['content-timed-out'],
  'stall-mid-stream': ['stalled-after-content'],
  'stall-with-pings': ['stalled-after-content'],
  'stall-before-terminal': ['stalled-after-content'],
  'slow-first-content': ['good'],
  'slow-stream': ['good', { details: { everyMs: 20 } }],
  'reset-before-content': ['reset-in-body'],
  'reset-mid-stream': ['reset-after-content'],
  'close-mid-stream': ['reset-after-content'],
  'reset-after-terminal': ['lingering-body'],
  'linger-after-terminal': ['lingering-body', { withinMs: 3000 }],
  'empty-stream': ['incomplete'],
  'cut-before-content': ['incomplete'],
  'end-without-terminal': ['incomplete-after-content'],
  'end-after-content': ['incomplete-after-content'],
  // Anthropic's message_stop is a terminal event too.
  'done-without-finish': [
    (wire) => (wire === 'anthropic-messages' ? 'good' : 'incomplete-after-content'),
  ],
  'cut-last-line': ['incomplete-after-content'],
  'cut-mid-line': ['incomplete-after-content'],

  // How the bytes are framed
  'one-byte-chunks': ['good'],
  coalesced: ['good'],
  crlf: ['good'],
  'carriage-returns': ['good'],
  'comments-between': ['good'],
  'no-done': ['good'],
  bom: ['good'],
  'no-space-after-colon': ['good'],
  'ids-and-retry': ['good'],
  'events-between': ['good'],
  'no-final-newline': ['good'],
  'escaped-unicode': ['good'],
  'gzip-ok': ['good'],
  'gzip-without-trailer': ['good'],
  'truncated-gzip': [(_, stream) => (stream ? 'incomplete-after-content' : 'invalid-body')],
  'broken-gzip': ['cut-line'],
}

/** Encodings that no client asks for without TLS. */
type Left = 'brotli-ok' | 'truncated-brotli'

const ownTitles = {
  'connection-refused': 'nobody listens',
  'certificate-unknown': 'a certificate that nobody knows',
} as const

/** Every fault of the matrix, in the order in which they strike. */
export const kinds: readonly Kind[] = Object.entries(specs).map(([name, [, more = {}]]) => {
  const fault = name as FaultName
  const listing = catalogue.find((each) => each.name === fault)
  return {
    fault,
    what: listing?.title ?? ownTitles[fault as keyof typeof ownTitles],
    on: listing?.on ?? 'both',
    wires: everyWire.filter((wire) => listing === undefined || listing.wires.includes(wire)),
    ...more,
  }
})

/** True for the faults that the lab plays. */
export function isLabFault(fault: FaultName): fault is LabFaultName {
  return !Object.hasOwn(ownTitles, fault)
}

/** The kind of a fault. */
export function kindOf(fault: FaultName): Kind {
  const found = kinds.find((kind) => kind.fault === fault)
  if (found === undefined) throw new TypeError(`the fault "${fault}" is not in the matrix`)
  return found
}

/** What must come of a fault. */
export function expectationOf({
  fault,
  wire,
  stream,
}: {
  readonly fault: FaultName
  readonly wire: Wire
  readonly stream: boolean
}): Expectation {
  const [rowsOfFault, more = {}] = specs[fault as keyof typeof specs]
  const row = typeof rowsOfFault === 'string' ? rowsOfFault : rowsOfFault(wire, stream)
  const seen = rows[row]
  if (seen === undefined) throw new TypeError(`the row "${row}" is not described`)
  const { does, always } = seen
  const allowed = row === 'good' ? 0 : decisions[row].retries
  return {
    row,
    does: more.does ?? does,
    always: more.always ?? always,
    retries: more.retries ?? (allowed === 'as-left' ? policies.retry.maxAttempts - 1 : allowed),
    waitMs: more.waitMs ?? 0,
  }
}
