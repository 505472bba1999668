import type { Frame, LlmReply, Usage } from '@holdfast/core'
import type { ProposedTool } from './record/entries.ts'

/** What a reply said to its end. */
export interface WholeReply {
  readonly bytes: Uint8Array
  readonly usage: Usage | undefined
  readonly toolCalls: readonly ProposedTool[]
}

/** How long a provider may keep the body open after its terminal event before the record is made. */
const lingerMs = 1_000

/** Who is told what came of a reply: one of the two, once. */
export interface Recorder {
  /** It is whole. Undefined where it is written already; never throws or rejects. */
  record(whole: WholeReply): Promise<void> | undefined
  /** It has broken off, or nobody has read it to its end. */
  lost(error: unknown): void
}

/** The same reply, written down: what completes it is handed up only when that is on disk. */
export class RecordingReply implements LlmReply {
  readonly status: number
  readonly statusText: string
  readonly headers: LlmReply['headers']
  readonly streaming: boolean
  readonly failure: LlmReply['failure']
  readonly response: LlmReply['response']
  readonly #reply: LlmReply
  readonly #recorder: Recorder
  #frames: Frame[] = []
  /** Read, recorded, and not handed up yet. */
  #held: Frame[] = []
  /** The end of a body that stays open after its terminal event. */
  #rest: Promise<Frame | undefined> | undefined
  #over = false

  constructor(reply: LlmReply, recorder: Recorder) {
    this.status = reply.status
    this.statusText = reply.statusText
    this.headers = reply.headers
    this.streaming = reply.streaming
    this.failure = reply.failure
    this.response = reply.response
    this.#reply = reply
    this.#recorder = recorder
  }

  next(): Promise<Frame | undefined> {
    return this.#over ? this.#afterwards() : this.#pull()
  }

  async #pull(): Promise<Frame | undefined> {
    let frame: Frame | undefined
    try {
      frame = await this.#reply.next()
    } catch (error) {
      this.#give(error)
      throw error
    }
    if (frame === undefined) {
      this.#give(undefined)
      return undefined
    }
    if (!this.#reply.complete()) {
      this.#frames.push(frame)
      return frame
    }
    // A whole answer is one frame.
    if (!this.streaming) {
      this.#over = true
      const writing = this.#write([frame])
      if (writing !== undefined) await writing
      return frame
    }
    this.#frames.push(frame)
    await this.#finish()
    // Its own bytes come before those of the frames behind it.
    return this.#held.shift()
  }

  complete(): boolean {
    return this.#reply.complete()
  }

  problem(): string | undefined {
    return this.#reply.problem()
  }

  cancel(reason?: unknown): Promise<void> {
    this.#held = []
    this.#give(reason)
    return this.#reply.cancel(reason)
  }

  /** Everything is said: reads what follows, writes it all down, and only then hands up the rest. */
  async #finish(): Promise<void> {
    const from = this.#frames.length - 1
    await this.#readRest()
    this.#over = true
    const frames = this.#frames
    this.#frames = []
    await this.#write(frames)
    this.#held = frames.slice(from)
  }

  #write(frames: readonly Frame[]): Promise<void> | undefined {
    const { usage, toolCalls } = factsOf(frames)
    return this.#recorder.record({ bytes: bytesOf(frames), usage, toolCalls })
  }

  async #readRest(): Promise<void> {
    const until = timeout(lingerMs)
    try {
      for (;;) {
        const reading = this.#reply.next()
        const frame = await Promise.race([reading, until.passed])
        if (frame === 'late') {
          // What comes now is handed up, but not written down: it is not part of the answer.
          this.#rest = reading
          reading.catch(() => {})
          return
        }
        if (frame === undefined) return
        this.#frames.push(frame)
      }
    } catch {
      // The answer was complete; how the connection ended is no part of it.
    } finally {
      until.cancel()
    }
  }

  #afterwards(): Promise<Frame | undefined> {
    if (this.#held.length > 0) return Promise.resolve(this.#held.shift())
    // The end of a whole answer is asked for too: whoever watches further in learns there that it is over.
    if (!this.streaming) return this.#reply.next()
    return this.#rest === undefined ? Promise.resolve(undefined) : this.#takeRest(this.#rest)
  }

  async #takeRest(rest: Promise<Frame | undefined>): Promise<Frame | undefined> {
    this.#rest = undefined
    const frame = await rest
    if (frame !== undefined) this.#rest = this.#reply.next()
    return frame
  }

  #give(error: unknown): void {
    if (this.#over) return
    this.#over = true
    this.#frames = []
    this.#recorder.lost(error)
  }
}

function bytesOf(frames: readonly Frame[]): Uint8Array {
  const [only] = frames
  if (frames.length === 1 && only !== undefined) return only.bytes
  return Buffer.concat(frames.map(({ bytes }) => bytes))
}

function factsOf(frames: readonly Frame[]): Omit<WholeReply, 'bytes'> {
  let usage: Usage | undefined
  const toolCalls: ProposedTool[] = []
  for (const { events } of frames) {
    for (const event of events) {
      // Counts come late, and a later one replaces an earlier one.
      if (event.type === 'usage') usage = { ...usage, ...event.usage }
      else if (event.type === 'tool-call-start') toolCalls.push({ id: event.id, name: event.name })
    }
  }
  return { usage, toolCalls }
}

function timeout(ms: number): { readonly passed: Promise<'late'>; cancel(): void } {
  let timer: NodeJS.Timeout | undefined
  const passed = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), ms)
  })
  return { passed, cancel: () => clearTimeout(timer) }
}
