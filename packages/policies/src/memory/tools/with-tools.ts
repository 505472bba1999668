import type { LlmCall, LlmReply, Next } from '@holdfast/core'
import type { LineCaller, LineMemory } from '../inject/caller.ts'
import type { MemoryToolsOptions } from '../inject/options.ts'
import { answerCall } from './answer-call.ts'
import { AnsweredReply } from './answered-reply.ts'
import { toolsFor } from './definitions.ts'

/** Offers the model tools to search and save memories with, and answers its calls of them. */
export async function withTools(
  call: LlmCall,
  next: Next,
  facts: {
    readonly memory: LineMemory
    readonly caller: LineCaller
    readonly options: MemoryToolsOptions
    readonly bug: (error: unknown) => void
  },
): Promise<LlmReply> {
  const { memory, caller, options, bug } = facts
  const { request, format } = call
  const offered = toolsFor(request, format.name, options)
  if (offered.length === 0) return next(call)
  const asked = call.with({ request: { ...request, tools: [...request.tools, ...offered] } })
  const reply = await next(asked)
  if (reply.failure !== undefined || reply.status >= 400) return reply
  const answered = new AnsweredReply(asked, reply, {
    isOurs: (name) => offered.some((tool) => tool.name === name),
    answer: (proposal) => answerCall(memory, caller, proposal, bug),
    maxRounds: options.maxRounds ?? 4,
    next,
  })
  if (!reply.streaming) await answered.readWhole()
  return answered
}
