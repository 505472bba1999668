import type { ErrorContext, ErrorKind } from './wire.ts'

/** An error as Anthropic words it. */
export interface AnthropicError {
  readonly status: number
  readonly type: string
  readonly message: string
  readonly details?: object
}

/** Anthropic's errors, by what they mean. */
export const anthropicErrors: Readonly<
  Record<ErrorKind, (context: ErrorContext) => AnthropicError>
> = {
  'rate-limit': () =>
    is(
      429,
      'rate_limit_error',
      "This request would exceed your organization's rate limit of 50 requests per minute. For details, refer to: https://docs.claude.com/en/api/rate-limits. You can see the response headers for current usage.",
    ),
  quota: () =>
    is(
      400,
      'invalid_request_error',
      'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
    ),
  credit: () =>
    is(
      400,
      'invalid_request_error',
      'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
    ),
  'spend-limit': () =>
    is(
      429,
      'rate_limit_error',
      'You have reached your specified API usage limits. You will regain access at the start of next month.',
      { error_code: 'enforced_spend_limit_reached' },
    ),
  billing: () =>
    is(
      402,
      'billing_error',
      'There is an issue with your billing or payment information. Please check your payment details in the Console.',
    ),
  overloaded: () => is(529, 'overloaded_error', 'Overloaded'),
  server: () => is(500, 'api_error', 'Internal server error'),
  unavailable: () => is(503, 'api_error', 'Service temporarily unavailable'),
  'bad-gateway': () => is(502, 'api_error', 'Bad gateway'),
  'gateway-timeout': () => is(504, 'timeout_error', 'Gateway timeout'),
  'request-timeout': () => is(408, 'timeout_error', 'Request timed out'),
  conflict: () => is(409, 'conflict_error', 'The resource is being changed by another request'),
  'invalid-request': () => is(400, 'invalid_request_error', 'temperature: range: 0..1'),
  unprocessable: () =>
    is(422, 'invalid_request_error', 'messages.0: Input does not match the expected shape.'),
  'context-length': () =>
    is(400, 'invalid_request_error', 'prompt is too long: 210462 tokens > 200000 maximum'),
  'too-large': () => is(413, 'request_too_large', 'Request exceeds the maximum size'),
  'invalid-key': () => is(401, 'authentication_error', 'invalid x-api-key'),
  forbidden: () =>
    is(
      403,
      'permission_error',
      'Your API key does not have permission to use the specified resource.',
    ),
  region: () => is(403, 'forbidden', 'Request not allowed'),
  'model-not-found': ({ asked }) => is(404, 'not_found_error', `model: ${asked.model}`),
  'model-deprecated': ({ asked }) => is(404, 'not_found_error', `model: ${asked.model}`),
  'content-filter': () =>
    is(400, 'invalid_request_error', 'Output blocked by content filtering policy'),
}

function is(status: number, type: string, message: string, details?: object): AnthropicError {
  return { status, type, message, ...(details === undefined ? {} : { details }) }
}
