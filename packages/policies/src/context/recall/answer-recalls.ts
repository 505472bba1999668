import type { Frame, LlmCall, LlmReply, Message, Next, ReplyEvent } from '@holdfast/core'
import { tellKeptBack } from '../../kept-back.ts'
import { Proposals } from '../../tools/gate/wire/proposals.ts'
import { callToAskAgain } from '../../tools/gate/wire/ask-again.ts'
import { recalled, recallName } from './recall-tool.ts'

/** So often the model may look up something before it answers. */
const mostRounds = 4

/**
 * Answers calls of the recall tool itself and asks the model again; the application never hears of them. A reply is held
 * back until it is clear that there is no such call in it.
 */
export async function answerRecalls(
  first: LlmReply,
  call: LlmCall,
  dropped: readonly Message[],
  next: Next,
): Promise<LlmReply> {
  let reply = first
  let asked = call
  for (let round = 1; reply.failure === undefined; round++) {
    const held = await hold(reply)
    const { calls } = held
    if (!calls.some(({ name }) => name === recallName)) return held.reply
    const answered = calls.map((proposal) => ({
      proposal,
      outcome:
        proposal.name === recallName
          ? { as: 'said' as const, text: recalled(dropped, proposal.arguments), isError: false }
          : { as: 'said' as const, text: notRun, isError: true },
    }))
    const again = round > mostRounds ? undefined : callToAskAgain(asked, held.events, answered)
    tellKeptBack(asked, 'context.recall', held.events)
    // Asked without the tool, it has to answer with what it has.
    asked = again ?? withoutTool(call)
    reply = await next(asked)
    if (again === undefined) return reply
  }
  return reply
}

const notRun = `Not run: ${recallName} is called alone. Call this again now if you still want it.`

function withoutTool(call: LlmCall): LlmCall {
  const { request } = call
  const tools = request.tools.filter(({ name }) => name !== recallName)
  return call.with({ request: { ...request, tools } })
}

async function hold(reply: LlmReply): Promise<{
  readonly reply: LlmReply
  readonly events: readonly ReplyEvent[]
  readonly calls: Proposals['calls']
}> {
  const frames: Frame[] = []
  const events: ReplyEvent[] = []
  const proposals = new Proposals()
  for (let frame = await reply.next(); frame !== undefined; frame = await reply.next()) {
    frames.push(frame)
    events.push(...frame.events)
    for (const event of frame.events) proposals.add(event)
  }
  let at = 0
  const { status, statusText, headers, streaming, failure, response } = reply
  const again: LlmReply = {
    status,
    statusText,
    headers,
    streaming,
    failure,
    response,
    next: () => Promise.resolve(frames[at++]),
    complete: () => reply.complete(),
    problem: () => reply.problem(),
    cancel: (reason) => reply.cancel(reason),
  }
  return { reply: again, events, calls: proposals.calls }
}
