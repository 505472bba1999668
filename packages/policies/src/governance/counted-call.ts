import { watchReply } from '@holdfast/core'
import type { Frame, LlmCall, LlmReply, ReplyWatch, Usage } from '@holdfast/core'
import type { Observed, Observer } from '../observing.ts'
import type { Caps } from './caps/caps.ts'
import type { RunTallies } from './run-tallies.ts'

/** Keeps count of what a run has had, whoever answered. */
export function counted(tallies: RunTallies, caps: Caps | undefined): Observer {
  return function counted(call) {
    if (call.operation === 'count-tokens') return undefined
    if (call.resend === 0) tallies.called(call.run)
    return new CountedCall(call, tallies, caps)
  }
}

class CountedCall implements Observed, ReplyWatch {
  readonly call: LlmCall
  readonly #tallies: RunTallies
  readonly #caps: Caps | undefined
  #wentOut = true
  #usage: Usage | undefined
  #text = ''

  constructor(call: LlmCall, tallies: RunTallies, caps: Caps | undefined) {
    this.call = withKeptBack(call, tallies)
    this.#tallies = tallies
    this.#caps = caps
  }

  failed(): void {
    this.#caps?.ended(this.call)
  }

  answered(reply: LlmReply): LlmReply {
    this.#wentOut = this.#caps?.ended(this.call) ?? true
    return reply.failure === undefined ? watchReply(reply, this) : reply
  }

  frame({ events }: Frame): void {
    for (const event of events) {
      if (event.type === 'usage') this.#usage = { ...this.#usage, ...event.usage }
      else if (event.type === 'text-delta' && event.choice === 0) this.#text += event.text
    }
  }

  end(): void {
    const { run, model } = this.call
    this.#tallies.answered(run, model, this.#usage, this.#text)
    if (!this.#wentOut) this.#caps?.replayed(this.call, this.#usage)
  }

  error(): void {
    this.end()
  }

  cancel(): void {
    this.end()
  }
}

/** What answers took that the application does not get is taken by its run, too. */
function withKeptBack(call: LlmCall, tallies: RunTallies): LlmCall {
  return call.with({
    emit(event) {
      if (event.type === 'reply-kept-back') {
        tallies.answered(call.run, event.model, event.usage, '')
      }
      call.emit(event)
    },
  })
}
