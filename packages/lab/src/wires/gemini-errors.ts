import type { ErrorContext, ErrorKind } from './wire.ts'

/** An error as Google words it: the `error` member of the body. */
export interface GoogleError {
  readonly code: number
  readonly message: string
  readonly status: string
  readonly details?: readonly object[]
}

/** Gemini's errors, by what they mean. */
export const geminiErrors: Readonly<Record<ErrorKind, (context: ErrorContext) => GoogleError>> = {
  'rate-limit': ({ retryAfterMs }) =>
    is(
      429,
      'RESOURCE_EXHAUSTED',
      retryAfterMs === undefined
        ? 'Resource has been exhausted (e.g. check quota).'
        : `You exceeded your current rate limit. Please retry in ${retryAfterMs / 1000}s.`,
      quotaFailure('GenerateRequestsPerMinutePerProjectPerModel'),
      ...(retryAfterMs === undefined
        ? []
        : [
            {
              '@type': 'type.googleapis.com/google.rpc.RetryInfo',
              retryDelay: `${retryAfterMs / 1000}s`,
            },
          ]),
    ),
  quota: () =>
    is(
      429,
      'RESOURCE_EXHAUSTED',
      'You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.',
      quotaFailure('GenerateRequestsPerDayPerProjectPerModel-FreeTier'),
    ),
  credit: () =>
    is(
      429,
      'RESOURCE_EXHAUSTED',
      'Your prepayment credits are depleted. Please go to AI Studio to manage your project and billing.',
    ),
  'spend-limit': () =>
    is(
      429,
      'RESOURCE_EXHAUSTED',
      'Your project has exceeded its monthly spending cap. Please go to AI Studio to manage your project spend cap.',
    ),
  billing: () =>
    is(
      402,
      'FAILED_PRECONDITION',
      'Billing is disabled for this project. Enable billing on your project in Google AI Studio.',
    ),
  overloaded: () => is(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'),
  server: () =>
    is(
      500,
      'INTERNAL',
      'An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting',
    ),
  unavailable: () => is(503, 'UNAVAILABLE', 'The service is currently unavailable.'),
  'bad-gateway': () => is(502, 'UNAVAILABLE', 'Bad gateway.'),
  'gateway-timeout': () =>
    is(504, 'DEADLINE_EXCEEDED', 'Deadline expired before operation could complete.'),
  'request-timeout': () => is(408, 'DEADLINE_EXCEEDED', 'The request timed out. Please try again.'),
  conflict: () => is(409, 'ABORTED', 'The operation was aborted.'),
  'invalid-request': () =>
    is(
      400,
      'INVALID_ARGUMENT',
      'Invalid value at \'generation_config.temperature\' (TYPE_FLOAT), "hot"',
      {
        '@type': 'type.googleapis.com/google.rpc.BadRequest',
        fieldViolations: [{ field: 'generation_config.temperature' }],
      },
    ),
  unprocessable: () => is(422, 'INVALID_ARGUMENT', 'Request contains an invalid argument.'),
  'context-length': () =>
    is(
      400,
      'INVALID_ARGUMENT',
      'The input token count (1203462) exceeds the maximum number of tokens allowed (1048576).',
    ),
  'too-large': () =>
    is(413, 'INVALID_ARGUMENT', 'Request payload size exceeds the limit: 20971520 bytes.'),
  'invalid-key': () =>
    is(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'API_KEY_INVALID',
      domain: 'googleapis.com',
      metadata: { service: 'generativelanguage.googleapis.com' },
    }),
  forbidden: () => is(403, 'PERMISSION_DENIED', 'The caller does not have permission'),
  region: () => is(400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.'),
  'model-not-found': ({ asked }) =>
    is(
      404,
      'NOT_FOUND',
      `models/${asked.model} is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.`,
    ),
  'model-deprecated': ({ asked }) =>
    is(404, 'NOT_FOUND', `This model models/${asked.model} is no longer available.`),
  'content-filter': () =>
    is(
      400,
      'INVALID_ARGUMENT',
      'The request was blocked by the safety filters: the input violates the usage policy.',
    ),
}

function is(
  code: number,
  status: string,
  message: string,
  ...details: readonly object[]
): GoogleError {
  return { code, message, status, ...(details.length > 0 ? { details } : {}) }
}

function quotaFailure(quotaId: string): object {
  return {
    '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
    violations: [
      { quotaMetric: 'generativelanguage.googleapis.com/generate_content_requests', quotaId },
    ],
  }
}
