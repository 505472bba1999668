import type { LlmCall, LlmReply } from '@holdfast/core'
import type { Step } from '../call-context.ts'
import { callToGoOn } from './call-to-go-on.ts'
import { ContinuedReply } from './continued-reply.ts'

/**
 * Continues plain text that broke off: the rest is asked for as another attempt of the same call, with what was said so
 * far. Around everything that chooses who answers.
 */
export function continueTextStep(): Step {
  return async function continueText(call, next, context) {
    const reply = await next(call)
    return isStreamOfText(call, reply) ? new ContinuedReply(call, reply, next, context) : reply
  }
}

/** Asks for the rest where an answer is to be continued; inside the choice of the target, whose format it speaks. */
export function goOnStep(): Step {
  return function goOn(call, next, context) {
    context.spoken = call.format
    return next(context.saidSoFar === undefined ? call : callToGoOn(call, context.saidSoFar))
  }
}

function isStreamOfText(call: LlmCall, reply: LlmReply): boolean {
  if (call.operation !== 'chat' || !reply.streaming || reply.failure !== undefined) return false
  if (call.format.replyWriter === undefined) return false
  return reply.headers.get('content-type')?.startsWith('text/event-stream') === true
}
