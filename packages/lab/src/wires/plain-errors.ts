import type { ErrorKind } from './wire.ts'

/** The status of an error at providers that say little more than that, and what they say. */
export const plainErrors: Readonly<
  Record<ErrorKind, { readonly status: number; readonly message: string }>
> = {
  'rate-limit': is(429, 'too many requests, slow down'),
  quota: is(429, 'you have used up the insufficient credits of your plan: billing limit reached'),
  credit: is(429, 'insufficient credits, please check your billing'),
  'spend-limit': is(429, 'you have reached your specified API usage limits'),
  billing: is(402, 'please add or update your payment method to continue'),
  overloaded: is(503, 'server busy, please try again. maximum pending requests exceeded'),
  server: is(500, 'internal server error'),
  unavailable: is(503, 'service temporarily unavailable'),
  'bad-gateway': is(502, 'bad gateway'),
  'gateway-timeout': is(504, 'gateway timeout'),
  'request-timeout': is(408, 'request timed out'),
  conflict: is(409, 'the resource is being changed by another request'),
  'invalid-request': is(400, 'invalid request: temperature must be between 0 and 1'),
  unprocessable: is(422, 'invalid request: messages[0] has another shape'),
  'context-length': is(
    400,
    'too many tokens: total number of tokens in the prompt cannot exceed 8192, maximum context length reached',
  ),
  'too-large': is(413, 'request body too large'),
  'invalid-key': is(401, 'invalid api token'),
  forbidden: is(403, 'this key may not use the model'),
  region: is(403, 'not available in your region'),
  'model-not-found': is(404, 'model not found, make sure the correct model ID was used'),
  'model-deprecated': is(404, 'model was removed, please use a newer one'),
  'content-filter': is(400, 'blocked by content filter'),
}

function is(status: number, message: string): { status: number; message: string } {
  return { status, message }
}
