import { HoldfastError } from '@holdfast/core'
import type { Failure } from '@holdfast/core'
import { describe, expect, test } from 'vitest'
import { classify } from './classify.ts'
import type { Circumstances } from './classify.ts'
import { FaultError } from './fault-error.ts'
import type { FaultName } from './faults.ts'

const early: Circumstances = {
  phase: 'sending',
  aborted: false,
  longestWaitMs: 60_000,
  staleBefore: false,
}

describe('what a provider says', () => {
  test.for<[FaultName, Failure]>([
    ['rate-limited', { status: 429, message: '', retryAfterMs: 60_000 }],
    ['rate-limited-long', { status: 429, message: '', retryAfterMs: 60_001 }],
    ['rate-limited-unsaid', { status: 429, message: 'slow down' }],
    ['quota-exhausted', { status: 429, code: 'insufficient_quota', message: '', retryAfterMs: 1 }],
    ['quota-exhausted', { status: 429, message: 'please check your plan and billing details' }],
    // Gemini says the same for requests per minute; there it names a wait.
    ['rate-limited', { status: 429, message: 'check your billing details', retryAfterMs: 9_000 }],
    ['quota-exhausted', { status: 400, message: 'Your credit balance is too low' }],
    ['billing', { status: 402, message: '' }],
    ['overloaded', { status: 529, message: '' }],
    ['overloaded', { status: 503, message: 'The model is overloaded. Try again later.' }],
    ['server-error', { status: 503, message: '' }],
    ['server-error', { status: 522, message: '' }],
    ['gateway-error', { status: 524, message: '' }],
    ['request-timeout', { status: 408, message: '' }],
    ['conflict', { status: 409, message: '' }],
    ['invalid-request', { status: 422, message: '' }],
    ['invalid-request', { status: 418, message: '' }],
    ['context-too-long', { status: 400, code: 'context_length_exceeded', message: '' }],
    ['context-too-long', { status: 400, message: 'prompt is too long: 210000 tokens > 200000' }],
    ['context-too-long', { status: 413, message: '' }],
    ['unauthorized', { status: 401, message: '' }],
    ['unauthorized', { status: 400, type: 'API_KEY_INVALID', message: '' }],
    ['model-not-found', { status: 404, message: '' }],
    ['filtered', { status: 400, code: 'content_filter', message: '' }],
  ])('%s: %o', ([name, failure]) => {
    expect(classify({ failure, insideReply: false }, early).name).toBe(name)
  })

  test.for<[FaultName, Failure]>([
    ['overloaded-in-reply', { type: 'overloaded_error', message: '', status: 529 }],
    ['server-error', { message: 'something' }],
    ['malformed-tool-call', { type: 'malformed-tool-call', message: '' }],
  ])('inside a 200, before content, %s: %o', ([name, failure]) => {
    expect(classify({ failure, insideReply: true }, { ...early, phase: 'body' }).name).toBe(name)
  })

  test('inside a 200 after content it is always the same', () => {
    const failure = { status: 429, message: '' }

    const fault = classify({ failure, insideReply: true }, { ...early, phase: 'content' })

    expect(fault.name).toBe('error-after-content')
  })
})

describe('what a transport throws', () => {
  test.for<[FaultName, unknown, Partial<Circumstances>?]>([
    ['not-connected', coded('ECONNREFUSED')],
    ['not-connected', fetchFailed(new AggregateError([coded('ECONNREFUSED')], 'all failed'))],
    ['not-connected', fetchFailed(coded('UND_ERR_CONNECT_TIMEOUT'))],
    ['not-connected', Object.assign(coded('ETIMEDOUT'), { syscall: 'connect' })],
    ['host-not-found', fetchFailed(coded('ENOTFOUND'))],
    ['tls-error', fetchFailed(coded('CERT_HAS_EXPIRED'))],
    ['tls-error', coded('DEPTH_ZERO_SELF_SIGNED_CERT')],
    ['reset-before-headers', coded('ECONNRESET')],
    ['reset-before-headers', fetchFailed(socketError(0))],
    ['stale-connection', fetchFailed(socketError(512))],
    ['reset-before-headers', fetchFailed(socketError(512)), { staleBefore: true }],
    ['stale-connection', coded('ECONNRESET'), { reused: true }],
    ['reset-before-headers', fetchFailed(socketError(512)), { reused: false }],
    ['reset-in-body', fetchFailed(socketError(512)), { phase: 'body' }],
    ['reset-after-content', fetchFailed(socketError(512)), { phase: 'content' }],
    ['headers-timed-out', fetchFailed(coded('UND_ERR_HEADERS_TIMEOUT'))],
    ['content-timed-out', coded('UND_ERR_BODY_TIMEOUT'), { phase: 'body' }],
    ['stalled-after-content', coded('UND_ERR_BODY_TIMEOUT'), { phase: 'content' }],
    ['cut-line', coded('Z_BUF_ERROR'), { phase: 'body' }],
    ['incomplete-after-content', coded('Z_BUF_ERROR'), { phase: 'content' }],
    ['http2-refused', coded('ERR_HTTP2_GOAWAY_SESSION')],
    ['http2-refused', fetchFailed(refusedStream())],
    ['aborted', coded('ECONNRESET'), { aborted: true }],
    ['aborted', new DOMException('gone', 'AbortError')],
    ['refused-here', new HoldfastError('CALL_REFUSED', 'no')],
    ['incomplete', new FaultError('STREAM_INCOMPLETE', 'incomplete', 'cut')],
    ['unknown-error', new Error('what is this')],
    ['unknown-error', 'a string'],
  ])('%s', ([name, error, circumstances]) => {
    expect(classify({ error }, { ...early, ...circumstances }).name).toBe(name)
  })
})

function refusedStream(): Error {
  const message = 'Stream closed with error code NGHTTP2_REFUSED_STREAM'
  return Object.assign(new Error(message), { code: 'ERR_HTTP2_STREAM_ERROR' })
}

function coded(code: string): Error {
  return Object.assign(new Error(code), { code })
}

function fetchFailed(cause: Error): Error {
  return new TypeError('fetch failed', { cause })
}

function socketError(bytesRead: number): Error {
  return Object.assign(coded('UND_ERR_SOCKET'), { socket: { bytesRead, bytesWritten: 100 } })
}
