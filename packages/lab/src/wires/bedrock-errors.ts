import type { ErrorContext, ErrorKind, ErrorReply } from './wire.ts'

/** An error as Bedrock words it. */
export interface BedrockError {
  readonly status: number
  readonly type: string
  readonly message: string
}

/** An error as Bedrock answers it: its name stands in a header. */
export function bedrockError(kind: ErrorKind, { random }: ErrorContext): ErrorReply {
  const { status, type, message } = bedrockErrors[kind]
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'x-amzn-requestid': requestId(random.word(32, '0123456789abcdef')),
      'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/`,
    },
    body: JSON.stringify({ message }),
  }
}

/** An id in the form of a UUID. */
export function requestId(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

// https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html (2026-11-21)
const throttled = is(
  429,
  'ThrottlingException',
  'Too many requests, please wait before trying again.',
)
const spent = is(
  400,
  'ServiceQuotaExceededException',
  'Your request exceeds the service quota for your account.',
)
const unavailable = is(
  503,
  'ServiceUnavailableException',
  'Bedrock is unable to process your request.',
)

/** Bedrock's errors, by what they mean. */
export const bedrockErrors: Readonly<Record<ErrorKind, BedrockError>> = {
  'rate-limit': throttled,
  quota: spent,
  credit: spent,
  'spend-limit': is(
    429,
    'ThrottlingException',
    'You have reached your specified API usage limits.',
  ),
  billing: is(
    403,
    'AccessDeniedException',
    'Model access is denied due to INVALID_PAYMENT_INSTRUMENT: A valid payment instrument must be provided.',
  ),
  overloaded: unavailable,
  server: is(
    500,
    'InternalServerException',
    'The system encountered an unexpected error during processing. Try your request again.',
  ),
  unavailable,
  'bad-gateway': is(502, 'InternalServerException', 'Bad gateway'),
  'gateway-timeout': is(504, 'InternalServerException', 'Gateway timeout'),
  'request-timeout': is(
    408,
    'ModelTimeoutException',
    'Model has timed out in processing the request. Try your request again.',
  ),
  conflict: is(409, 'ConflictException', 'The resource is being changed by another request'),
  'invalid-request': is(
    400,
    'ValidationException',
    'The model returned the following errors: temperature: range: 0..1',
  ),
  unprocessable: is(422, 'ValidationException', 'Malformed input request: #: extraneous key'),
  'context-length': is(400, 'ValidationException', 'Input is too long for requested model.'),
  'too-large': is(413, 'ValidationException', 'Request body is too large'),
  'invalid-key': is(
    403,
    'UnrecognizedClientException',
    'The security token included in the request is invalid.',
  ),
  forbidden: is(
    403,
    'AccessDeniedException',
    "You don't have access to the model with the specified model ID.",
  ),
  region: is(403, 'AccessDeniedException', 'Access to this model is not available for your region'),
  'model-not-found': is(
    404,
    'ResourceNotFoundException',
    'Could not resolve the foundation model.',
  ),
  'model-deprecated': is(
    404,
    'ResourceNotFoundException',
    'This model version has reached the end of its life. Please refer to the AWS documentation for more details.',
  ),
  'content-filter': is(400, 'ValidationException', 'Output blocked by content filtering policy'),
}

function is(status: number, type: string, message: string): BedrockError {
  return { status, type, message }
}
