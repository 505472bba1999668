import { HoldfastError, watchReply } from '@holdfast/core'
import type { ErrorCode, Interceptor, LlmCall } from '@holdfast/core'
import { sameRefusal } from '../../../governance/same-refusal.ts'
import type { Gate } from '../gate.ts'
import { GatedReply } from './gated-reply.ts'
import { Observer } from './observer.ts'
import { PlainReply } from './plain-reply.ts'
import { isPlain } from './proposals.ts'

/**
 * Vets the tool calls that a reply proposes, before the application has them.
 *
 * Sees: every event of the reply. Changes: refused calls become a text in the model's voice, or the model is asked
 * again; approved ones may carry other arguments. Where it only observes, nothing is held and nothing changes.
 */
export function wireGate(gate: Gate): Interceptor {
  // What waits for a person, or cannot be said, is not asked of the model again because an SDK sends the call again.
  const refusals = gate.enforces ? sameRefusal({ codes, untilAskedAnew: codes }) : undefined
  return async function toolGate(call, next) {
    const again = refusals?.(call)
    try {
      if (gate.enforces && gate.options.askAt !== 'function') refuseBackground(call)
      const reply = await next(call)
      if (call.operation !== 'chat' || reply.failure !== undefined || reply.status >= 400)
        return reply
      if (!gate.enforces) return watchReply(reply, new Observer(gate, call), gate.deps.bug)
      if (reply.streaming) return new GatedReply(gate, call, reply, next)
      const frame = await reply.next()
      if (frame?.events.every(isPlain) === true) return new PlainReply(reply, frame)
      const gated = new GatedReply(gate, call, reply, next)
      await gated.readWhole(frame)
      return gated
    } catch (error) {
      again?.failed?.(error)
      throw error
    }
  }
}

const codes = new Set<ErrorCode>(['APPROVAL_PENDING', 'STORE_UNREACHABLE', 'TOOL_REFUSED'])

/**
 * An answer that is made in the background is fetched later, by a request that is no model call: nobody would vet what
 * it proposes.
 */
function refuseBackground(call: LlmCall): void {
  if (call.format.name !== 'openai-responses' || call.operation !== 'chat') return
  const { body = '' } = call.http
  const text = typeof body === 'string' ? body : Buffer.from(body).toString('latin1')
  if (!text.includes('"background"')) return
  const { extra, tools } = call.request
  if (extra['background'] !== true || tools.length === 0) return
  throw new HoldfastError(
    'TOOL_REFUSED',
    "a response in the background offers tools, and its tool calls cannot be vetted when it is fetched; leave `background` out, or use tools: { askAt: 'function' } where every tool runs through an adapter or tool()",
  )
}
