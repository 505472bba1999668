import type { HeadHeaders, Move } from '../move.ts'
import { wholeMoves } from '../move.ts'
import type { Fault } from '../script.ts'
import type { ErrorKind } from '../wires/wire.ts'
import type { FaultContext, FaultDefinition } from './definition.ts'

/** Faults that answer with an error status. */
export type StatusFault =
  | 'rate-limited'
  | 'rate-limited-ms'
  | 'rate-limited-date'
  | 'rate-limited-long'
  | 'rate-limited-no-header'
  | 'rate-limited-reset-headers'
  | 'rate-limited-body-delay'
  | 'quota-exhausted'
  | 'credit-exhausted'
  | 'spend-limit'
  | 'billing'
  | 'overloaded'
  | 'server-error'
  | 'server-error-empty'
  | 'server-error-text'
  | 'server-error-no-retry'
  | 'unavailable'
  | 'unavailable-retry-after'
  | 'unavailable-html'
  | 'bad-gateway'
  | 'bad-gateway-html'
  | 'gateway-timeout'
  | 'cloudflare-520'
  | 'cloudflare-521'
  | 'cloudflare-522'
  | 'cloudflare-523'
  | 'cloudflare-524'
  | 'request-timeout'
  | 'conflict'
  | 'invalid-request'
  | 'unprocessable'
  | 'context-length'
  | 'payload-too-large'
  | 'invalid-key'
  | 'forbidden'
  | 'unsupported-region'
  | 'model-not-found'
  | 'model-deprecated'
  | 'content-filter'

/** Their definitions. */
export const statusFaults: Readonly<Record<StatusFault, FaultDefinition>> = {
  'rate-limited': {
    title: '429 with Retry-After in seconds',
    row: 1,
    moves: error('rate-limit', (fault) => ({ 'retry-after': seconds(fault, 1000) }), 1000),
  },
  'rate-limited-ms': {
    title: '429 with retry-after-ms alone',
    row: 1,
    moves: error(
      'rate-limit',
      (fault) => ({ 'retry-after-ms': String(fault.retryAfterMs ?? 50) }),
      50,
    ),
  },
  'rate-limited-date': {
    title: '429 with Retry-After as an HTTP date',
    row: 1,
    moves: error('rate-limit', (fault) => ({
      'retry-after': httpDate(fault.retryAfterMs ?? 1000),
    })),
  },
  'rate-limited-long': {
    title: '429 that says to come back in an hour',
    row: 2,
    moves: error(
      'rate-limit',
      (fault) => ({ 'retry-after': seconds(fault, 3_600_000) }),
      3_600_000,
    ),
  },
  'rate-limited-no-header': {
    title: '429 that does not say when to come back',
    row: 3,
    moves: error('rate-limit'),
  },
  'rate-limited-reset-headers': {
    title: "429 with the provider's rate-limit reset headers alone",
    row: 3,
    moves: error(
      'rate-limit',
      (fault, { wire }) => wire.rateLimitHeaders(fault.retryAfterMs ?? 1000),
      1000,
    ),
  },
  'rate-limited-body-delay': {
    title: '429 that says when to come back in its body alone',
    row: 3,
    wires: ['openai-chat', 'openai-responses', 'gemini'],
    moves: error('rate-limit', undefined, 1000),
  },
  'quota-exhausted': { title: 'the quota is used up', row: 4, moves: error('quota') },
  'credit-exhausted': { title: 'the prepaid credit is used up', row: 4, moves: error('credit') },
  'spend-limit': { title: 'the spend limit is reached', row: 4, moves: error('spend-limit') },
  billing: { title: '402, a bill is open', row: 37, moves: error('billing') },
  overloaded: {
    title: '529 (Anthropic) or 503, the model is overloaded',
    row: 5,
    moves: error('overloaded'),
  },
  'server-error': { title: '500', row: 8, moves: error('server') },
  'server-error-empty': {
    title: '500 without a body',
    row: 8,
    moves: () => wholeMoves(500, {}, ''),
  },
  'server-error-text': {
    title: '500 with plain text',
    row: 10,
    moves: () => wholeMoves(500, { 'content-type': 'text/plain' }, 'Internal Server Error'),
  },
  'server-error-no-retry': {
    title: '500 with x-should-retry: false',
    row: 8,
    moves: error('server', () => ({ 'x-should-retry': 'false' })),
  },
  unavailable: { title: '503', row: 8, moves: error('unavailable') },
  'unavailable-retry-after': {
    title: '503 with Retry-After in seconds',
    row: 8,
    moves: error('unavailable', (fault) => ({ 'retry-after': seconds(fault, 1000) })),
  },
  'unavailable-html': {
    title: '503 with a web page',
    row: 10,
    moves: page(503, 'Service Temporarily Unavailable', 'nginx'),
  },
  'bad-gateway': { title: '502 in JSON', row: 9, moves: error('bad-gateway') },
  'bad-gateway-html': {
    title: '502 with a web page',
    row: 9,
    moves: page(502, 'Bad Gateway', 'cloudflare'),
  },
  'gateway-timeout': { title: '504', row: 9, moves: error('gateway-timeout') },
  'cloudflare-520': {
    title: '520, the origin answered nonsense',
    row: 8,
    moves: page(520, 'Web server is returning an unknown error', 'cloudflare'),
  },
  'cloudflare-521': {
    title: '521, the origin is down',
    row: 8,
    moves: page(521, 'Web server is down', 'cloudflare'),
  },
  'cloudflare-522': {
    title: '522, the origin did not accept the connection',
    row: 8,
    moves: page(522, 'Connection timed out', 'cloudflare'),
  },
  'cloudflare-523': {
    title: '523, the origin cannot be reached',
    row: 8,
    moves: page(523, 'Origin is unreachable', 'cloudflare'),
  },
  'cloudflare-524': {
    title: '524, the origin took too long',
    row: 9,
    moves: page(524, 'A timeout occurred', 'cloudflare'),
  },
  'request-timeout': { title: '408', row: 11, moves: error('request-timeout') },
  conflict: { title: '409', row: 12, moves: error('conflict') },
  'invalid-request': {
    title: '400, a parameter is wrong',
    row: 13,
    moves: error('invalid-request'),
  },
  unprocessable: { title: '422', row: 13, moves: error('unprocessable') },
  'context-length': {
    title: '400, the prompt is too long',
    row: 14,
    moves: error('context-length'),
  },
  'payload-too-large': { title: '413', row: 14, moves: error('too-large') },
  'invalid-key': {
    title: '401 (Gemini: 400), the key is not valid',
    row: 15,
    moves: error('invalid-key'),
  },
  forbidden: { title: '403, the key may not do this', row: 15, moves: error('forbidden') },
  'unsupported-region': {
    title: '403 (Gemini: 400), not from this country',
    row: 15,
    moves: error('region'),
  },
  'model-not-found': { title: '404, no such model', row: 16, moves: error('model-not-found') },
  'model-deprecated': {
    title: '404, the model was taken away',
    row: 16,
    moves: error('model-deprecated'),
  },
  'content-filter': {
    title: '400, the prompt was filtered (as Azure does)',
    row: 17,
    moves: error('content-filter'),
  },
}

type Headers = (fault: Fault, context: FaultContext) => HeadHeaders

/** Answers with the provider's own error; `bodyDelayMs` is what the body says where it says when to come back. */
function error(kind: ErrorKind, headers?: Headers, bodyDelayMs?: number) {
  return function error(_: readonly Move[], context: FaultContext): readonly Move[] {
    const { wire, asked, random, fault } = context
    const retryAfterMs = bodyDelayMs === undefined ? undefined : (fault.retryAfterMs ?? bodyDelayMs)
    const reply = wire.error(kind, {
      asked,
      random,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    })
    return wholeMoves(reply.status, { ...reply.headers, ...headers?.(fault, context) }, reply.body)
  }
}

/** Answers with the web page of a proxy in front of the provider. */
function page(status: number, title: string, server: 'cloudflare' | 'nginx') {
  return function page(_: readonly Move[], { random }: FaultContext): readonly Move[] {
    const headers = {
      'content-type': 'text/html; charset=UTF-8',
      server,
      ...(server === 'cloudflare'
        ? { 'cf-ray': `${random.word(16, '0123456789abcdef')}-FRA` }
        : {}),
    }
    const body = `<!DOCTYPE html>\r\n<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n<hr><center>${server}</center>\r\n</body>\r\n</html>\r\n`
    return wholeMoves(status, headers, body)
  }
}

function seconds(fault: Fault, defaultMs: number): string {
  return String(Math.ceil((fault.retryAfterMs ?? defaultMs) / 1000))
}

// A date has whole seconds: rounded up, so that coming back on it is never too early.
function httpDate(afterMs: number): string {
  return new Date(Math.ceil((Date.now() + afterMs) / 1000) * 1000).toUTCString()
}
