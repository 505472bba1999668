import type { ReplyEvent } from '@holdfast/core'

/** A tool call that a model's reply proposes, as far as it has come. */
export interface Proposal {
  readonly choice: number
  readonly index: number
  readonly id: string
  readonly name: string
  /** JSON text, as the model wrote it. */
  arguments: string
  /** The provider runs it, once the application has agreed. */
  readonly isRunElsewhere?: true
}

/** True for the events that belong to a tool call. */
export function isCallEvent({ type }: ReplyEvent): boolean {
  return type === 'tool-call-start' || type === 'tool-call-delta'
}

/** True for what may be a call that the provider has made itself. */
export function isOther({ type }: ReplyEvent): boolean {
  return type === 'other-content'
}

/** True for what neither is a tool call nor may be one that the provider has made. */
export function isPlain(event: ReplyEvent): boolean {
  return !isCallEvent(event) && !isOther(event)
}

/** Puts the tool calls of a reply together. */
export class Proposals {
  readonly calls: Proposal[] = []
  /** Choices that have called a tool and not come to their end. */
  readonly #unfinished = new Set<number>()
  /** Choices that ended because there were no tokens left. */
  readonly #short = new Set<number>()

  /** True once every choice that calls a tool is over. */
  get finished(): boolean {
    return this.#unfinished.size === 0
  }

  add(event: ReplyEvent): void {
    switch (event.type) {
      case 'tool-call-start': {
        const { choice, index, id, name } = event
        this.calls.push({ choice, index, id, name, arguments: '' })
        this.#unfinished.add(choice)
        break
      }
      case 'tool-call-delta': {
        const call = this.of(event)
        if (call !== undefined) call.arguments += event.arguments
        break
      }
      case 'finish':
        if (event.reason === 'length') this.#short.add(event.choice)
        this.#unfinished.delete(event.choice)
        break
      default:
    }
  }

  /** True for the call in which the tokens ran out: its end is not known, whatever it looks like. */
  isCut(call: Proposal): boolean {
    if (!this.#short.has(call.choice)) return false
    return this.calls.findLast(({ choice }) => choice === call.choice) === call
  }

  of({ choice, index }: Pick<Proposal, 'choice' | 'index'>): Proposal | undefined {
    return this.calls.findLast((call) => call.choice === choice && call.index === index)
  }
}
