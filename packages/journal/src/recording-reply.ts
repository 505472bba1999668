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

/**
 * The same reply, written down: what completes it is handed up only when `record` has resolved. `record` never rejects.
 * A reply that breaks off, or that nobody reads to its end, is told to `lost`.
 */
export class RecordingReply implements LlmReply {
  readonly status: number
  readonly statusText: string
  readonly headers: LlmReply['headers']
  readonly streaming: boolean
  readonly failure: LlmReply['failure']
  readonly response: LlmReply['response']
  readonly #reply: LlmReply
  readonly #record: (whole: WholeReply) => Promise<void>
  readonly #lost: (error: unknown) => void
  #frames: Frame[] = []
  /** Read, recorded, and not handed up yet. */
  #held: Frame[] = []
  /** The end of a body that stays open after its terminal event. */
  #rest: Promise<Frame | undefined> | undefined
  #over = false

  constructor(
    reply: LlmReply,
    record: (whole: WholeReply) => Promise<void>,
    lost: (error: unknown) => void,
  ) {
    this.status = reply.status
    this.statusText = reply.statusText
    this.headers = reply.headers
    this.streaming = reply.streaming
    this.failure = reply.failure
    this.response = reply.response
    this.#reply = reply
    this.#record = record
    this.#lost = lost
  }

  async next(): Promise<Frame | undefined> {
    const held = this.#held.shift()
    if (held !== undefined) return held
    if (this.#over) return this.#afterwards()
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
    this.#frames.push(frame)
    if (this.#reply.complete()) {
      await this.#finish()
      // Its own bytes come before those of the frames behind it.
      return this.#held.shift()
    }
    return frame
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
    await this.#record({ bytes: bytesOf(frames), ...factsOf(frames) })
    this.#held = frames.slice(from)
  }

  async #readRest(): Promise<void> {
    const until = this.streaming ? timeout(lingerMs) : undefined
    try {
      for (;;) {
        const reading = this.#reply.next()
        const frame = await (until === undefined ? reading : Promise.race([reading, until.passed]))
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
      until?.cancel()
    }
  }

  async #afterwards(): Promise<Frame | undefined> {
    const rest = this.#rest
    if (rest === undefined) return undefined
    this.#rest = undefined
    const frame = await rest
    if (frame !== undefined) this.#rest = this.#reply.next()
    return frame
  }

  #give(error: unknown): void {
    if (this.#over) return
    this.#over = true
    this.#frames = []
    this.#lost(error)
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
