import { watchReply } from '@holdfast/core'
import type { Interceptor, LlmCall, LlmReply } from '@holdfast/core'
import type { Decider } from '../decider.ts'
import type { Gate } from '../gate.ts'
import { GatedReply } from './gated-reply.ts'
import { Proposals } from './proposals.ts'
import { providerTool } from './provider-tools.ts'
import type { Vetting } from './vetting.ts'

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
    if (!gate.enforces) return observed(gate, call, reply)
    const gated = new GatedReply(gate, call, reply, next)
    if (!reply.streaming) await gated.readWhole()
    return gated
  }
}

/** The same reply; what would have been stopped is told. */
function observed(gate: Gate, call: LlmCall, reply: LlmReply): LlmReply {
  let proposals: Proposals | undefined
  const provided: string[] = []
  let vetting: Vetting | undefined
  const tell = (decider: Decider, { calls, finish }: Proposals, tools: readonly string[]): void => {
    vetting ??= decider.vetting(call, call.signal)
    for (const tool of tools) vetting.recordProviderTool(tool)
    for (const proposal of calls) vetting.decide(proposal, finish?.reason)
  }
  const decide = (): void => {
    if (proposals === undefined && provided.length === 0) return
    const made = proposals ?? new Proposals()
    const tools = provided.splice(0)
    proposals = undefined
    if (gate.decider !== undefined) tell(gate.decider, made, tools)
    // Only the very first tool call of a process comes here; nobody waits for it.
    else {
      const told = gate.load().then((decider) => tell(decider, made, tools))
      void told.catch((error: unknown) => gate.deps.bug?.(error))
    }
  }
  return watchReply(
    reply,
    {
      frame({ events }) {
        for (const event of events) {
          if (event.type === 'tool-call-start') proposals ??= new Proposals()
          else if (event.type === 'other-content') {
            const tool = providerTool(event)
            if (tool !== undefined) provided.push(tool)
          }
          proposals?.add(event)
        }
        if (proposals?.finished === true) decide()
      },
      end: decide,
    },
    gate.deps.bug,
  )
}
