import type { Random } from '../random.ts'
import type { ErrorContext, ErrorKind, ErrorReply } from './wire.ts'

interface OpenAIError {
  readonly status: number
  readonly type: string
  readonly code: string | null
  readonly param?: string
  readonly message: string
}

/** An error as OpenAI answers it, for both of its wires. */
export function openaiError(kind: ErrorKind, context: ErrorContext): ErrorReply {
  const { status, ...error } = errors[kind](context)
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      ...openaiHeaders(context.random),
    },
    body: `${JSON.stringify({ error: errorObject(error) }, null, 2)}\n`,
  }
}

/** The `error` object alone, as it stands in bodies and in stream events. */
export function openaiErrorObject(kind: ErrorKind, context: ErrorContext): Record<string, unknown> {
  const { status: _, ...error } = errors[kind](context)
  return errorObject(error)
}

/** The headers that every OpenAI answer has. */
export function openaiHeaders(random: Random): Record<string, string> {
  return {
    'openai-processing-ms': String(40 + Math.floor(random.next() * 400)),
    'openai-version': '2020-10-01',
    'x-request-id': `req_${random.word(32, '0123456789abcdef')}`,
  }
}

/** OpenAI's rate-limit headers: durations such as `1s` or `120ms`. */
export function openaiRateLimitHeaders(resetMs: number): Record<string, string> {
  return {
    'x-ratelimit-limit-requests': '500',
    'x-ratelimit-limit-tokens': '30000',
    'x-ratelimit-remaining-requests': '499',
    'x-ratelimit-remaining-tokens': '0',
    'x-ratelimit-reset-requests': '120ms',
    'x-ratelimit-reset-tokens': openaiDuration(resetMs),
  }
}

/** A duration as OpenAI writes it: 120ms, 1.4s, 6m0s. */
export function openaiDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`
  const seconds = ms / 1000
  if (seconds < 60) return `${Number(seconds.toFixed(3))}s`
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  return `${hours > 0 ? `${hours}h` : ''}${minutes}m${Math.round(seconds % 60)}s`
}

function errorObject(error: Omit<OpenAIError, 'status'>): Record<string, unknown> {
  return { message: error.message, type: error.type, param: error.param ?? null, code: error.code }
}

const errors: Readonly<Record<ErrorKind, (context: ErrorContext) => OpenAIError>> = {
  'rate-limit': ({ asked: { model }, retryAfterMs }) => ({
    status: 429,
    type: 'tokens',
    code: 'rate_limit_exceeded',
    message: `Rate limit reached for ${model} in organization org-lab on tokens per min (TPM): Limit 30000, Used 29871, Requested 842.${
      retryAfterMs === undefined ? '' : ` Please try again in ${openaiDuration(retryAfterMs)}.`
    } Visit https://platform.openai.com/account/rate-limits to learn more.`,
  }),
  quota: () => ({
    status: 429,
    type: 'insufficient_quota',
    code: 'insufficient_quota',
    message:
      'You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.',
  }),
  credit: () => ({
    status: 429,
    type: 'insufficient_quota',
    code: 'credit_balance_exhausted',
    message: 'Your prepaid credit balance is exhausted. Add credits to continue.',
  }),
  'spend-limit': () => ({
    status: 429,
    type: 'insufficient_quota',
    code: 'project_spend_limit_exceeded',
    message: 'This project has reached its monthly spend limit.',
  }),
  billing: () => ({
    status: 402,
    type: 'billing_error',
    code: 'billing_hard_limit_reached',
    message: 'Billing hard limit has been reached.',
  }),
  overloaded: () => ({
    status: 503,
    type: 'service_unavailable_error',
    code: 'server_overloaded',
    message: 'The engine is currently overloaded, please try again later.',
  }),
  server: () => ({
    status: 500,
    type: 'server_error',
    code: null,
    message:
      'The server had an error while processing your request. Sorry about that! You can retry your request, or contact us through our help center at help.openai.com if the error persists.',
  }),
  unavailable: () => ({
    status: 503,
    type: 'server_error',
    code: null,
    message: 'Service unavailable. Please try again later.',
  }),
  'bad-gateway': () => ({ status: 502, type: 'server_error', code: null, message: 'Bad gateway.' }),
  'gateway-timeout': () => ({
    status: 504,
    type: 'server_error',
    code: null,
    message: 'Gateway timeout.',
  }),
  'request-timeout': () => ({
    status: 408,
    type: 'timeout',
    code: 'request_timeout',
    message: 'Request timed out.',
  }),
  conflict: () => ({
    status: 409,
    type: 'invalid_request_error',
    code: 'lock_timeout',
    message: 'Another request changes the same resource. Please try again.',
  }),
  'invalid-request': () => ({
    status: 400,
    type: 'invalid_request_error',
    code: 'invalid_value',
    param: 'temperature',
    message:
      "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 9 instead.",
  }),
  unprocessable: () => ({
    status: 422,
    type: 'invalid_request_error',
    code: 'unprocessable_entity',
    message: 'The request was well formed but could not be followed.',
  }),
  'context-length': () => ({
    status: 400,
    type: 'invalid_request_error',
    code: 'context_length_exceeded',
    param: 'messages',
    message:
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 141072 tokens. Please reduce the length of the messages.",
  }),
  'too-large': () => ({
    status: 413,
    type: 'invalid_request_error',
    code: 'request_too_large',
    message: 'The request body is larger than the maximum of 26214400 bytes.',
  }),
  'invalid-key': () => ({
    status: 401,
    type: 'invalid_request_error',
    code: 'invalid_api_key',
    message:
      'Incorrect API key provided: sk-lab*****2345. You can find your API key at https://platform.openai.com/account/api-keys.',
  }),
  forbidden: ({ asked: { model } }) => ({
    status: 403,
    type: 'invalid_request_error',
    code: 'model_not_found',
    message: `Project \`proj_lab\` does not have access to model \`${model}\`.`,
  }),
  region: () => ({
    status: 403,
    type: 'request_forbidden',
    code: 'unsupported_country_region_territory',
    message: 'Country, region, or territory not supported',
  }),
  'model-not-found': ({ asked: { model } }) => ({
    status: 404,
    type: 'invalid_request_error',
    code: 'model_not_found',
    message: `The model \`${model}\` does not exist or you do not have access to it.`,
  }),
  'model-deprecated': ({ asked: { model } }) => ({
    status: 404,
    type: 'invalid_request_error',
    code: 'model_not_found',
    message: `The model \`${model}\` has been deprecated, learn more here: https://platform.openai.com/docs/deprecations`,
  }),
  // Azure's prompt filter answers like this.
  'content-filter': () => ({
    status: 400,
    type: 'invalid_request_error',
    code: 'content_filter',
    param: 'prompt',
    message:
      "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.",
  }),
}
