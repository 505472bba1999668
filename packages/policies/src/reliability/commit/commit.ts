import type { Interceptor } from '@holdfast/core'
import { interceptorOf, noLimits } from '../call-context.ts'
import type { Step } from '../call-context.ts'
import { attemptStep } from '../attempt.ts'
import { CommittedReply } from './committed-reply.ts'

/** When a reply counts as begun, and as over. */
export interface CommitOptions {
  /** How long a provider may keep the body open after its terminal event. @default 800 */
  readonly lingerMs?: number
}

/**
 * Holds a reply back until its first content is there, so that what fails before it is still a failed attempt,
 * and takes no reply for finished without the provider's terminal event.
 *
 * Sees: every frame. Whole bodies are read to their end before the reply is handed up.
 * Changes: nothing that comes. A body that ends too early becomes an error.
 * @throws HoldfastError STREAM_INTERRUPTED when a stream breaks after its first content, with what had arrived
 * @throws HoldfastError STREAM_INCOMPLETE when a reply ends before that, without its terminal event
 * @throws HoldfastError REPLY_INVALID when a body is no reply of its format
 */
export function commit(options: CommitOptions = {}): Interceptor {
  return interceptorOf('commit', [attemptStep({ silent: true }), commitStep(options)], noLimits)
}

/** The commit point as a layer of the family. */
export function commitStep({ lingerMs = 800 }: CommitOptions = {}): Step {
  return async function commit(call, next, context) {
    const reply = await next(call)
    // Errors were read in full already, and answers without a body have nothing to wait for.
    if (reply.status >= 300 || reply.response.body === undefined) return reply
    context.phase = 'body'
    const committed = new CommittedReply(call, reply, context, lingerMs)
    try {
      await committed.begin()
    } catch (error) {
      void reply.cancel(error)
      throw error
    }
    return committed
  }
}
