import { assemble } from '@holdfast/core'
import type { AssembledMessage, Frame, LlmReply, ReplyEvent } from '@holdfast/core'

/** A reply that was read to its end before anybody else has seen it, or to where it was clear that it may pass. */
export interface HeldReply {
  /** The same reply from its beginning. */
  readonly reply: LlmReply
  /** Put together; undefined where it passes unread. */
  readonly answer: AssembledMessage | undefined
}

/** Reads a reply. `passes` looks at each event and says whether nothing more has to be held back. */
export async function holdReply(
  reply: LlmReply,
  passes: (event: ReplyEvent) => boolean,
): Promise<HeldReply> {
  const frames: Frame[] = []
  const events: ReplyEvent[] = []
  for (let frame = await reply.next(); frame !== undefined; frame = await reply.next()) {
    frames.push(frame)
    if (frame.events.some(passes)) return { reply: again(reply, frames), answer: undefined }
    events.push(...frame.events)
  }
  return { reply: again(reply, frames), answer: assemble(events) }
}

/** The reply with the frames that were read in front of those that are left. */
function again(reply: LlmReply, frames: readonly Frame[]): LlmReply {
  let at = 0
  const { status, statusText, headers, streaming, failure, response } = reply
  return {
    status,
    statusText,
    headers,
    streaming,
    failure,
    response,
    next: () => (at < frames.length ? Promise.resolve(frames[at++]) : reply.next()),
    complete: () => reply.complete(),
    problem: () => reply.problem(),
    cancel: (reason) => reply.cancel(reason),
  }
}
