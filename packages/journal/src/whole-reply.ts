import type { Frame, LlmReply, ReplyWatch, Usage } from '@holdfast/core'
import type { ProposedTool } from './record/entries.ts'

/** What a reply said to its end. */
export interface WholeReply {
  readonly reply: LlmReply
  readonly bytes: Uint8Array
  readonly usage: Usage | undefined
  readonly toolCalls: readonly ProposedTool[]
}

/** Who is told what came of a reply: one of the two, once. */
export interface Recorder {
  /** It is whole. Undefined where it is written already; never throws or rejects. */
  record(whole: WholeReply): Promise<void> | undefined
  /** It has broken off, or nobody has read it to its end. */
  lost(reply: LlmReply, error: unknown): void
}

/** Has an answer that comes in one frame written down before that is handed up. */
export class WholeReplyWatch implements ReplyWatch {
  readonly #reply: LlmReply
  readonly #recorder: Recorder
  #over = false

  constructor(reply: LlmReply, recorder: Recorder) {
    this.#reply = reply
    this.#recorder = recorder
  }

  frame(frame: Frame): Promise<void> | undefined {
    if (this.#over) return undefined
    let whole: WholeReply
    try {
      if (!this.#reply.complete()) return undefined
      whole = wholeReply(this.#reply, [frame])
    } catch (error) {
      this.error(error)
      throw error
    }
    this.#over = true
    return this.#recorder.record(whole)
  }

  end(): void {
    this.error(undefined)
  }

  error(error: unknown): void {
    if (this.#over) return
    this.#over = true
    this.#recorder.lost(this.#reply, error)
  }

  cancel(reason: unknown): void {
    this.error(reason)
  }
}

export function wholeReply(reply: LlmReply, frames: readonly Frame[]): WholeReply {
  let usage: Usage | undefined
  const toolCalls: ProposedTool[] = []
  for (const { events } of frames) {
    for (const event of events) {
      // Counts come late, and a later one replaces an earlier one.
      if (event.type === 'usage') {
        usage = usage === undefined ? event.usage : { ...usage, ...event.usage }
      } else if (event.type === 'tool-call-start') {
        toolCalls.push({ id: event.id, name: event.name })
      }
    }
  }
  return { reply, bytes: bytesOf(frames), usage, toolCalls }
}

function bytesOf(frames: readonly Frame[]): Uint8Array {
  const [only] = frames
  if (frames.length === 1 && only !== undefined) return only.bytes
  return Buffer.concat(frames.map(({ bytes }) => bytes))
}
