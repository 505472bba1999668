import type { FaultName } from '../faults/faults.ts'
import type { FallbackTarget } from './target.ts'

/** Why a call is led on, as far as it matters for where to. */
export type FallbackReason =
  /** The provider limits the rate, or asks for too long a wait. */
  | 'rateLimit'
  /** The provider is overloaded, broken, silent or not there. */
  | 'outage'
  /** The request is longer than the model takes. */
  | 'contextLength'
  /** A content filter stopped the request or the answer. */
  | 'contentFilter'
  /** The model does not exist, or no longer. */
  | 'deadModel'
  /** The account is empty: quota, credit, an open bill. */
  | 'quota'
  /** The key is not accepted. */
  | 'unauthorized'

/** Targets of their own for some reasons. */
export type FallbackChains = { readonly [Reason in FallbackReason]?: readonly FallbackTarget[] }

const faultsByReason: { readonly [Reason in FallbackReason]: readonly FaultName[] } = {
  rateLimit: ['rate-limited', 'rate-limited-long', 'rate-limited-unsaid', 'limit-reached'],
  outage: [
    'overloaded',
    'overloaded-in-reply',
    'server-error',
    'gateway-error',
    'request-timeout',
    'invalid-body',
    'not-connected',
    'host-not-found',
    'stale-connection',
    'reset-before-headers',
    'reset-in-body',
    'http2-refused',
    'headers-timed-out',
    'content-timed-out',
    'incomplete',
    'cut-line',
    'circuit-open',
  ],
  contextLength: ['context-too-long'],
  contentFilter: ['filtered'],
  deadModel: ['model-not-found'],
  quota: ['quota-exhausted', 'billing'],
  unauthorized: ['unauthorized'],
}

const reasonByFault: ReadonlyMap<FaultName, FallbackReason> = new Map(
  Object.entries(faultsByReason).flatMap(([reason, names]) =>
    names.map((name) => [name, reason as FallbackReason] as const),
  ),
)

/** The reason that a fault is, where it is one with a name. */
export function reasonOf(fault: FaultName): FallbackReason | undefined {
  return reasonByFault.get(fault)
}

/** True where the next call will very likely meet the same: it is about the provider, not about what was asked. */
export function isLasting(fault: FaultName): boolean {
  // A limit of ours has room again in a moment.
  if (fault === 'limit-reached') return false
  const reason = reasonOf(fault)
  return reason !== undefined && reason !== 'contextLength' && reason !== 'contentFilter'
}
