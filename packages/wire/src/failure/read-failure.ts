import type { Failure, HttpHeaders } from '@holdfast/core'
import { type JsonObject, list, number, object, parseJson, text } from '../json/json.ts'
import { askedDelayMs, bodyDelayMs, limitResetMs, saidDelayMs } from './retry-after.ts'
import { withoutSecrets } from './without-secrets.ts'

const maxMessageLength = 512

type MutableFailure = { -readonly [Name in keyof Failure]: Failure[Name] }

/** Facts of an error answer, whatever its body is: any provider's JSON, HTML, plain text or nothing. */
export function readFailure(status: number, headers: HttpHeaders, body: Uint8Array): Failure {
  const source = new TextDecoder().decode(body)
  const parsed = parseJson(source)
  const value = object(Array.isArray(parsed) ? parsed[0] : parsed)
  // AWS names its errors in a header, followed by a colon and an address.
  const awsType = headers.get('x-amzn-errortype')?.split(':')[0]
  const failure: MutableFailure = value
    ? { ...factsOf(awsType ? { ...value, __type: awsType } : value), status }
    : { status, message: messageOf(source) }
  if (failure.message === '') failure.message = `HTTP ${status} without a message`
  const delayMs =
    askedDelayMs(headers) ??
    failure.retryAfterMs ??
    (status === 429 ? limitResetMs(headers) : undefined)
  if (delayMs !== undefined) failure.retryAfterMs = delayMs
  const shouldRetry = headers.get('x-should-retry')
  if (shouldRetry === 'true') failure.shouldRetry = true
  else if (shouldRetry === 'false') failure.shouldRetry = false
  return failure
}

/** Facts of an error object, as bodies and streams carry it: `{error: {…}}`, or the error itself. */
export function failureOf(value: JsonObject): Failure {
  const facts = factsOf(value)
  facts.message ||= facts.code ?? facts.type ?? 'an error without a message'
  return facts
}

function factsOf(value: JsonObject): MutableFailure {
  const inner = Array.isArray(value['error']) ? object(value['error'][0]) : object(value['error'])
  const error = inner ?? value
  const numeric = number(error['code']) ?? number(error['status_code']) ?? number(value['code'])
  // `type: "error"` is what the event is, not what went wrong.
  const kind = text(error['type']) === 'error' ? '' : text(error['type'])
  const awsType = text(value['__type']).replace(/^.*#/, '')
  const word =
    text(error['code']) || text(error['status']) || text(value['code']) || awsType || kind
  const code = /^\d{3}$/.test(word) ? kind || word : word
  const type = reasonOf(error) || kind
  const failure: MutableFailure = {
    message: messageOf(
      text(error['message']) ||
        text(value['error']) ||
        text(value['message']) ||
        text(value['Message']) ||
        detailOf(value['detail']) ||
        detailOf(value['errors']),
    ),
  }
  const status = statusOf(numeric ?? number(value['status']), [word, kind])
  if (status !== undefined) failure.status = status
  if (code !== '') failure.code = code
  else if (numeric !== undefined) failure.code = String(numeric)
  if (type !== '' && type !== failure.code) failure.type = type
  else if ((code === '' || code === 'ValidationException') && tooLong.test(failure.message)) {
    failure.type = 'context_length_exceeded'
  }
  const delayMs = bodyDelayMs(error) ?? saidDelayMs(failure.message)
  if (delayMs !== undefined) failure.retryAfterMs = delayMs
  return failure
}

/** Google's machine-readable reason, which says more than its status word: `API_KEY_INVALID`. */
function reasonOf(error: JsonObject): string {
  for (const detail of list(error['details'])) {
    const reason = text(object(detail)?.['reason'])
    if (reason !== '') return reason
  }
  return ''
}

/** FastAPI's `detail`: a sentence, or a list of findings. */
function detailOf(value: unknown): string {
  if (typeof value === 'string') return value
  const first = Array.isArray(value) ? value[0] : value
  if (typeof first === 'string') return first
  return text(object(first)?.['msg']) || text(object(first)?.['message'])
}

/** The HTTP status that the provider would have answered with, for errors inside a 200. */
function statusOf(code: number | undefined, words: readonly string[]): number | undefined {
  if (code !== undefined && code >= 400 && code <= 599) return code
  for (const word of words) {
    if (/^[45]\d\d$/.test(word)) return Number(word)
    const known = statusByWord.get(word)
    if (known !== undefined) return known
  }
  return undefined
}

// https://platform.claude.com/docs/en/api/errors, https://platform.openai.com/docs/guides/error-codes,
// https://cloud.google.com/apis/design/errors (all 2026-11-21)
const statusByWord = new Map<string, number>([
  ['invalid_request_error', 400],
  ['context_length_exceeded', 400],
  ['invalid_prompt', 400],
  ['INVALID_ARGUMENT', 400],
  ['FAILED_PRECONDITION', 400],
  ['authentication_error', 401],
  ['invalid_api_key', 401],
  ['UNAUTHENTICATED', 401],
  ['billing_error', 402],
  ['permission_error', 403],
  ['PERMISSION_DENIED', 403],
  ['not_found_error', 404],
  ['model_not_found', 404],
  ['NOT_FOUND', 404],
  ['request_too_large', 413],
  ['rate_limit_error', 429],
  ['rate_limit_exceeded', 429],
  ['insufficient_quota', 429],
  ['RESOURCE_EXHAUSTED', 429],
  ['api_error', 500],
  ['server_error', 500],
  ['internal_server_error', 500],
  ['INTERNAL', 500],
  ['server_is_overloaded', 503],
  ['slow_down', 503],
  ['UNAVAILABLE', 503],
  ['timeout_error', 504],
  ['vector_store_timeout', 504],
  ['DEADLINE_EXCEEDED', 504],
  ['overloaded_error', 529],
  // https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html (2026-11-21). The two of
  // the model itself are left out: the advice for them is to try again, which their 424 does not say.
  ['ValidationException', 400],
  ['ServiceQuotaExceededException', 400],
  ['AccessDeniedException', 403],
  ['ResourceNotFoundException', 404],
  ['ModelTimeoutException', 408],
  ['ThrottlingException', 429],
  ['ModelNotReadyException', 429],
  ['InternalServerException', 500],
  ['ServiceUnavailableException', 503],
])

/** Who has no code of its own for a prompt that is too long says it in words: Bedrock and Cohere. */
const tooLong =
  /\b(input|prompt) is too long\b|\btoo many (input )?tokens[:.]|maximum context length/i

/** What a person would read: without markup, keys and line breaks, and short. */
function messageOf(source: string): string {
  const plain = /^\s*</.test(source) ? markupText(source) : source
  const line = withoutSecrets(
    plain
      .slice(0, 4 * maxMessageLength)
      .replaceAll(/\s+/g, ' ')
      .trim(),
  )
  return line.length > maxMessageLength ? `${line.slice(0, maxMessageLength - 1)}…` : line
}

function markupText(source: string): string {
  const head = source.slice(0, 16_384)
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(head)?.[1]?.trim()
  if (title !== undefined && title !== '') return title
  return head.replaceAll(/<(script|style)\b[^>]*>[^]*?<\/\1\s*>/gi, ' ').replaceAll(/<[^>]*>/g, ' ')
}
