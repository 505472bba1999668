import { watchReply } from '@holdfast/core'
import type { AssembledToolCall, Frame, LlmCall, LlmReply, ReplyWatch } from '@holdfast/core'
import type { Observed } from '../../observing.ts'
import type { Thread } from './thread.ts'

/** Who knows the conversations. */
export interface Conversations {
  /** The one that a call goes on with. */
  goOn(call: LlmCall): Thread
  /** Does it while nobody waits. */
  later(work: () => void): void
  /** No attempt of the call comes any more. */
  answered(call: LlmCall): void
  /** What a reply said and proposes, to be learnt from. */
  replied(call: LlmCall, thread: Thread, text: string, calls: readonly AssembledToolCall[]): void
}

const mostText = 65_536

/** One call, from the conversation that it goes on with to what its reply proposes. */
export class WatchedCall implements Observed, ReplyWatch {
  readonly #call: LlmCall
  readonly #conversations: Conversations
  #thread: Thread | undefined
  #streaming = false
  #text = ''
  #calls: Map<number, { id: string; name: string; arguments: string }> | undefined
  #done = false

  /** `thread` is known where somebody acts on it before the request goes out. */
  constructor(call: LlmCall, conversations: Conversations, thread: Thread | undefined) {
    this.#call = call
    this.#conversations = conversations
    this.#thread = thread
  }

  underWay(): void {
    // Whoever only watches learns and reads while the request is under way.
    if (this.#thread === undefined) this.#conversations.later(() => this.#goOn())
  }

  answered(reply: LlmReply): LlmReply {
    this.#conversations.answered(this.#call)
    if (reply.failure === undefined) {
      this.#streaming = reply.streaming
      return watchReply(reply, this)
    }
    this.#goOn().over()
    return reply
  }

  failed(): void {
    this.#conversations.answered(this.#call)
    this.#goOn().over()
  }

  frame({ events }: Frame): void {
    for (const event of events) {
      if (event.type === 'text-delta') {
        if (event.choice === 0 && this.#text.length < mostText) this.#text += event.text
      } else if (event.type === 'tool-call-start') {
        const { id, name } = event
        this.#calls ??= new Map()
        this.#calls.set(event.index, { id, name, arguments: '' })
      } else if (event.type === 'tool-call-delta') {
        const one = this.#calls?.get(event.index)
        if (one !== undefined) one.arguments += event.arguments
      }
    }
    if (!this.#streaming) this.end()
  }

  end(): void {
    if (this.#done) return
    this.#done = true
    const thread = this.#goOn()
    thread.over()
    const calls = this.#calls === undefined ? none : [...this.#calls.values()]
    this.#conversations.replied(this.#call, thread, this.#text, calls)
  }

  error(): void {
    this.#goOn().over()
  }

  cancel(): void {
    this.end()
  }

  #goOn(): Thread {
    return (this.#thread ??= this.#conversations.goOn(this.#call))
  }
}

const none: readonly AssembledToolCall[] = []
