import type { ReplyEvent } from './event.ts'
import type { Failure } from './failure.ts'
import type { HttpHeaders, HttpResponse } from './http.ts'

/** Some bytes of a reply, as they came, and what they say. */
export interface Frame {
  readonly bytes: Uint8Array
  /** Parsed when first asked for; frames are parsed in the order they came. */
  readonly events: readonly ReplyEvent[]
}

/** What an LLM call answers with: frames, pulled one by one. A whole answer is one frame. */
export interface LlmReply {
  readonly status: number
  readonly statusText: string
  readonly headers: HttpHeaders
  readonly streaming: boolean
  /** What the provider said where the status is an error; the frames still hold its bytes. */
  readonly failure: Failure | undefined
  /** The response that the frames come from. */
  readonly response: HttpResponse
  /** The next frame, or undefined at the end. Rejects when the transfer breaks. One caller at a time. */
  next(): Promise<Frame | undefined>
  /** True once the provider's terminal event has been parsed; asks the reader to parse what is pending. */
  complete(): boolean
  /** Why the body is no reply of the format, once that is clear; asks the reader to parse what is pending. */
  problem(): string | undefined
  /** Ends the transfer. Never rejects. */
  cancel(reason?: unknown): Promise<void>
}

/** What a tool call answers with. */
export interface ToolReply {
  readonly value: unknown
}

/** What a watcher of a reply may hook into. A hook that throws is switched off; the reply goes on untouched. */
export interface ReplyWatch {
  frame?(frame: Frame): void
  /** Exactly one of end, error and cancel is called, once. */
  end?(): void
  error?(error: unknown): void
  cancel?(reason: unknown): void
}

/** The same reply, seen by somebody. Frames and errors pass as they are. */
export function watchReply(
  reply: LlmReply,
  watch: ReplyWatch,
  bug: (error: unknown) => void = () => {},
): LlmReply {
  let over = false
  let broken = false
  const tell = (hook: (() => void) | undefined): void => {
    if (broken || hook === undefined) return
    try {
      hook()
    } catch (error) {
      broken = true
      bug(error)
    }
  }
  const finish = (hook: (() => void) | undefined): void => {
    if (over) return
    over = true
    tell(hook)
  }
  return {
    status: reply.status,
    statusText: reply.statusText,
    headers: reply.headers,
    streaming: reply.streaming,
    failure: reply.failure,
    response: reply.response,
    complete: () => reply.complete(),
    problem: () => reply.problem(),
    async next() {
      let frame: Frame | undefined
      try {
        frame = await reply.next()
      } catch (error) {
        finish(watch.error && (() => watch.error?.(error)))
        throw error
      }
      if (frame === undefined) finish(watch.end && (() => watch.end?.()))
      else if (watch.frame !== undefined) tell(() => watch.frame?.(frame))
      return frame
    },
    cancel(reason) {
      finish(watch.cancel && (() => watch.cancel?.(reason)))
      return reply.cancel(reason)
    },
  }
}
