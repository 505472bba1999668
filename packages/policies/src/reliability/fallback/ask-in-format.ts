import { translateReply } from '@holdfast/core'
import type { LlmCall, LlmReply, Next } from '@holdfast/core'
import { tell } from '../call-context.ts'
import { endpointName } from '../endpoint-name.ts'

/** Makes the call that `redirect` prepared; the reply comes back in the format of the call that the application made. */
export async function askInFormat(
  call: LlmCall,
  redirected: LlmCall,
  next: Next,
): Promise<LlmReply> {
  if (redirected.format === call.format) return next(redirected)
  const to = endpointName(redirected)
  for (const loss of redirected.losses) tell(call, { type: 'content-dropped', to, loss })
  return translateReply(await next(redirected), call)
}
