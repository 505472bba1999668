import { HoldfastError } from '@holdfast/core'
import type { Failure } from '@holdfast/core'
import { errorCodes, wasReused } from './error-codes.ts'
import { FaultError } from './fault-error.ts'
import { faults } from './faults.ts'
import type { Fault, FaultName } from './faults.ts'

/** How far an attempt had come. */
export type Phase = 'sending' | 'body' | 'content'

/** What an attempt came to, where it was no good answer. */
export type Outcome =
  /** The provider said so, by status or inside a 200. */
  { readonly failure: Failure; readonly insideReply: boolean } | { readonly error: unknown }

/** What else decides which fault an outcome is. */
export interface Circumstances {
  readonly phase: Phase
  /** The caller has given up. */
  readonly aborted: boolean
  /** It was given up because another attempt of the same call was faster. */
  readonly hedgedAway?: boolean
  /** The longest wait that still makes sense: cap and deadline. */
  readonly longestWaitMs: number
  /** Whether the request went out on a connection that had been used before; undefined where nobody told. */
  readonly reused?: boolean | undefined
  /** A stale connection was already met in this call. */
  readonly staleBefore: boolean
}

/** Finds the row of the decision table for what an attempt came to. */
export function classify(outcome: Outcome, circumstances: Circumstances): Fault {
  const name =
    'error' in outcome
      ? nameOfError(outcome.error, circumstances)
      : nameOfFailure(outcome.failure, outcome.insideReply, circumstances)
  return faults[name]
}

/** The facts of an outcome, also where only an error is there to tell them. */
export function failureOf(outcome: Outcome): Failure {
  if ('failure' in outcome) return outcome.failure
  const { error } = outcome
  const code = HoldfastError.is(error) ? error.code : errorCodes(error).at(-1)
  const message = (error instanceof Error ? error.message : String(error)).slice(0, 512)
  return code === undefined ? { message } : { code, message }
}

// Codes for an account that is empty: https://platform.openai.com/docs/guides/error-codes,
// https://platform.claude.com/docs/en/api/errors (both 2026-11-21)
const quotaCodes = new Set([
  'insufficient_quota',
  'billing_hard_limit_reached',
  'billing_not_active',
  'credit_balance_exhausted',
  'organization_spend_limit_exceeded',
  'project_spend_limit_exceeded',
  'enforced_spend_limit_reached',
])
const quotaWords =
  /\bbilling\b|spend(ing)? (limit|cap)|specified api usage limits|credit balance|insufficient (quota|credits)/i
const creditWords = /credit balance|insufficient (funds|credits)/i
const overloadCodes = new Set([
  'overloaded_error',
  'server_overloaded',
  'server_is_overloaded',
  'slow_down',
])
const overloadWords = /\boverloaded\b/i
const keyCodes = new Set(['API_KEY_INVALID', 'API_KEY_EXPIRED', 'API_KEY_SERVICE_BLOCKED'])
const keyWords = /api key not valid|api key expired|user location is not supported/i
const contextCodes = new Set([
  'context_length_exceeded',
  'request_too_large',
  'string_above_max_length',
])
const contextWords =
  /maximum context length|context (window|length)|prompt is too long|input is too long|input token count.*exceeds/i
const filterCodes = new Set([
  'content_filter',
  'content_policy_violation',
  'moderation_blocked',
  'ResponsibleAIPolicyViolation',
])

const filterWords =
  /content[ _-]?filter|blocked by (the|our) (safety|content)|content management policy/i

function nameOfFailure(
  failure: Failure,
  insideReply: boolean,
  { phase, longestWaitMs }: Circumstances,
): FaultName {
  const { code, type, message, retryAfterMs } = failure
  const says = (codes: ReadonlySet<string>, words?: RegExp): boolean =>
    (code !== undefined && codes.has(code)) ||
    (type !== undefined && codes.has(type)) ||
    words?.test(message) === true
  if (insideReply) {
    if (phase === 'content') return 'error-after-content'
    if (type === 'malformed-tool-call' || type === 'empty-answer' || type === 'filtered')
      return type
  }
  // An error inside a 200 that names no status is the provider's own trouble.
  const status = failure.status !== undefined && failure.status >= 400 ? failure.status : 500

  if (status >= 500) {
    if (status === 529 || says(overloadCodes, overloadWords)) {
      return insideReply ? 'overloaded-in-reply' : 'overloaded'
    }
    return status === 502 || status === 504 || status === 524 ? 'gateway-error' : 'server-error'
  }
  if (status === 402) return 'billing'
  if (says(quotaCodes)) return 'quota-exhausted'
  if (status === 429) {
    // Gemini speaks of billing in every 429; a wait that it names shows that time will heal it.
    if (retryAfterMs === undefined) {
      return quotaWords.test(message) ? 'quota-exhausted' : 'rate-limited-unsaid'
    }
    return retryAfterMs <= longestWaitMs ? 'rate-limited' : 'rate-limited-long'
  }
  if (status === 408) return 'request-timeout'
  if (status === 409) return 'conflict'
  if (status === 413) return 'context-too-long'
  if (status === 404 || status === 410) return 'model-not-found'
  if (status === 401 || says(keyCodes, keyWords)) return 'unauthorized'
  if (creditWords.test(message)) return 'quota-exhausted'
  if (says(contextCodes, contextWords)) return 'context-too-long'
  if (says(filterCodes, filterWords)) return 'filtered'
  return status === 403 ? 'unauthorized' : 'invalid-request'
}

const notConnected = new Set([
  'ECONNREFUSED',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'HANDSHAKE_CLOSED',
])
const resets = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
  'ERR_HTTP2_STREAM_ERROR',
  'ERR_HTTP2_SESSION_ERROR',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
])
const http2Refusals = new Set([
  'NGHTTP2_REFUSED_STREAM',
  'ERR_HTTP2_GOAWAY_SESSION',
  'ERR_HTTP2_INVALID_SESSION',
  'ERR_HTTP2_STREAM_CANCEL',
])
const tls =
  /^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|EPROTO$)/
const brokenCompression = /^(Z_[A-Z]+_ERROR|ERR__ERROR_|ERR_BROTLI|ERR_ZSTD|ZSTD_|ERR_PADDING_)/

function nameOfError(error: unknown, circumstances: Circumstances): FaultName {
  const { phase, aborted, staleBefore, reused = wasReused(error) } = circumstances
  if (circumstances.hedgedAway === true) return 'hedged-away'
  if (aborted) return 'aborted'
  if (error instanceof FaultError) return error.fault
  if (HoldfastError.is(error)) return 'refused-here'
  if (error instanceof Error && error.name === 'AbortError') return 'aborted'

  for (const code of errorCodes(error)) {
    if (notConnected.has(code)) return 'not-connected'
    if (code === 'ENOTFOUND') return 'host-not-found'
    if (tls.test(code)) return 'tls-error'
    if (http2Refusals.has(code)) return 'http2-refused'
    if (code === 'UND_ERR_HEADERS_TIMEOUT') return 'headers-timed-out'
    if (code === 'UND_ERR_BODY_TIMEOUT') {
      return phase === 'content' ? 'stalled-after-content' : 'content-timed-out'
    }
    if (brokenCompression.test(code)) {
      return phase === 'content' ? 'incomplete-after-content' : 'cut-line'
    }
    if (resets.has(code) || code.startsWith('HPE_')) {
      if (phase === 'content') return 'reset-after-content'
      if (phase === 'body') return 'reset-in-body'
      // Waiting for the connection itself: nothing was sent.
      if (code === 'ETIMEDOUT' && syscallOf(error) === 'connect') return 'not-connected'
      return reused && !staleBefore ? 'stale-connection' : 'reset-before-headers'
    }
  }
  return 'unknown-error'
}

function syscallOf(error: unknown): unknown {
  let current: unknown = error
  for (let depth = 0; depth < 6 && current instanceof Error; depth++) {
    const { syscall } = current as Error & { syscall?: unknown }
    if (syscall !== undefined) return syscall
    current = current.cause
  }
  return undefined
}
