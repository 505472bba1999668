import { ReplyAround, ReplyWatchers } from '@holdfast/core'
import type { Frame, LlmReply } from '@holdfast/core'

/** A whole answer that was read ahead and proposes no tool call: handed up as it came. */
export class PlainReply extends ReplyAround {
  readonly watchers: ReplyWatchers = new ReplyWatchers()
  #frame: Frame | undefined

  constructor(reply: LlmReply, frame: Frame) {
    super(reply)
    this.#frame = frame
  }

  next(): Promise<Frame | undefined> {
    const frame = this.#frame
    if (frame === undefined) return this.reply.next().then(this.#end)
    this.#frame = undefined
    return Promise.resolve(this.watchers.pass(frame))
  }

  override cancel(reason?: unknown): Promise<void> {
    this.watchers.cancel(reason)
    return this.reply.cancel(reason)
  }

  readonly #end = (more: Frame | undefined): undefined => {
    // Nobody has vetted it.
    if (more !== undefined) throw new TypeError('a whole answer has more than one frame')
    this.watchers.end()
  }
}
