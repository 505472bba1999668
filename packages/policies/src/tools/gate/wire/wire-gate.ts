import type { Interceptor } from '@holdfast/core'
import type { Gate } from '../gate.ts'
import { GatedReply } from './gated-reply.ts'
import { ObservedReply } from './observed-reply.ts'

/**
 * Vets the tool calls that a reply proposes, before the application has them.
 *
 * Sees: every event of the reply. Changes: refused calls become a text in the model's voice, or the model is asked
 * again; approved ones may carry other arguments. Where it only observes, nothing is held and nothing changes.
 */
export function wireGate(gate: Gate): Interceptor {
  return async function toolGate(call, next) {
    const reply = await next(call)
    if (call.operation !== 'chat' || reply.failure !== undefined || reply.status >= 400)
      return reply
    if (!gate.enforces) return new ObservedReply(gate, call, reply)
    const gated = new GatedReply(gate, call, reply, next)
    if (!reply.streaming) await gated.readWhole()
    return gated
  }
}
