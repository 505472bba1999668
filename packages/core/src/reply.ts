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
  /** Those who watch it, where it tells them by itself. */
  readonly watchers?: ReplyWatchers
}

/** What a tool call answers with. */
export interface ToolReply {
  readonly value: unknown
}

/** What a watcher of a reply may hook into. A hook that throws is switched off; the reply goes on untouched. */
export interface ReplyWatch {
  /** A promise is waited for before the frame is handed up. */
  frame?(frame: Frame): void | Promise<void>
  /** Exactly one of end, error and cancel is called, once. */
  end?(): void
  error?(error: unknown): void
  cancel?(reason: unknown): void
}

/**
 * The same reply, seen by somebody. Frames and errors pass as they are. A reply that tells its watchers by itself has one
 * more: a frame costs no more promises for it.
 */
export function watchReply(
  reply: LlmReply,
  watch: ReplyWatch,
  bug: (error: unknown) => void = () => {},
): LlmReply {
  if (reply.watchers?.add(watch, bug) === true) return reply
  const watched = new WatchedReply(reply)
  watched.watchers.add(watch, bug)
  return watched
}

/** Who is told of a reply's frames, one behind the other. */
export class ReplyWatchers {
  #watchers: Watcher[] | undefined
  #over = false

  /** False where there is nothing more to tell. */
  add(watch: ReplyWatch, bug: (error: unknown) => void): boolean {
    if (this.#over) return false
    const watcher = new Watcher(watch, bug)
    if (this.#watchers === undefined) this.#watchers = [watcher]
    else this.#watchers.push(watcher)
    return true
  }

  /** Tells of a frame, and hands it up: at once, where nobody wants to be waited for. */
  pass(frame: Frame): Frame | Promise<Frame> {
    if (this.#watchers === undefined) return frame
    let waiting: Promise<void> | undefined
    for (const watcher of this.#watchers) {
      const seen = watcher.frame(frame)
      if (seen !== undefined) waiting = waiting === undefined ? seen : waiting.then(() => seen)
    }
    return waiting === undefined ? frame : waiting.then(() => frame)
  }

  end(): void {
    this.#finish('end', undefined)
  }

  error(error: unknown): void {
    this.#finish('error', error)
  }

  cancel(reason: unknown): void {
    this.#finish('cancel', reason)
  }

  /** Only the first of them counts. */
  #finish(how: Ending, why: unknown): void {
    if (this.#over) return
    this.#over = true
    if (this.#watchers !== undefined) for (const watcher of this.#watchers) watcher.finish(how, why)
  }
}

/** A reply that stands around another one: it begins with the same head, and hands up what it makes of the other's frames. */
export abstract class ReplyAround implements LlmReply {
  status: number
  statusText: string
  headers: HttpHeaders
  streaming: boolean
  failure: Failure | undefined
  response: HttpResponse
  /** The one inside. */
  protected reply: LlmReply

  constructor(reply: LlmReply) {
    this.status = reply.status
    this.statusText = reply.statusText
    this.headers = reply.headers
    this.streaming = reply.streaming
    this.failure = reply.failure
    this.response = reply.response
    this.reply = reply
  }

  abstract next(): Promise<Frame | undefined>

  complete(): boolean {
    return this.reply.complete()
  }

  problem(): string | undefined {
    return this.reply.problem()
  }

  cancel(reason?: unknown): Promise<void> {
    return this.reply.cancel(reason)
  }
}

class WatchedReply extends ReplyAround {
  readonly watchers: ReplyWatchers = new ReplyWatchers()

  next(): Promise<Frame | undefined> {
    return this.reply.next().then(this.#seen, this.#failed)
  }

  override cancel(reason?: unknown): Promise<void> {
    this.watchers.cancel(reason)
    return this.reply.cancel(reason)
  }

  readonly #seen = (frame: Frame | undefined): Frame | undefined | Promise<Frame | undefined> => {
    if (frame !== undefined) return this.watchers.pass(frame)
    this.watchers.end()
    return undefined
  }

  readonly #failed = (error: unknown): never => {
    this.watchers.error(error)
    throw error
  }
}

type Ending = 'end' | 'error' | 'cancel'

/** A watch that hears nothing more once it has thrown. */
class Watcher {
  #watch: ReplyWatch
  readonly #bug: (error: unknown) => void

  constructor(watch: ReplyWatch, bug: (error: unknown) => void) {
    this.#watch = watch
    this.#bug = bug
  }

  frame(frame: Frame): Promise<void> | undefined {
    try {
      const seen = this.#watch.frame?.(frame)
      return seen instanceof Promise ? seen.catch((error) => this.#breaks(error)) : undefined
    } catch (error) {
      this.#breaks(error)
      return undefined
    }
  }

  finish(how: Ending, why: unknown): void {
    try {
      this.#watch[how]?.(why)
    } catch (error) {
      this.#breaks(error)
    }
  }

  #breaks(error: unknown): void {
    this.#watch = nothing
    this.#bug(error)
  }
}

const nothing: ReplyWatch = {}
