import { randomUUID } from 'node:crypto'
import type { ReplyEvent } from '@holdfast/core'
import { fittingId, hashedId, type IdRules } from '../request/tool-call-id.ts'

/** What a format takes of another provider's reply. */
export interface ForeignRules {
  /** Reasoning without its provider's signature may come back to this format's provider with the next request. */
  readonly takesReasoning: boolean
  readonly ids: IdRules
}

/** Events of another provider as this format's own could have been. */
export class ForeignEvents {
  readonly #rules: ForeignRules
  #message: string | undefined

  constructor(rules: ForeignRules) {
    this.#rules = rules
  }

  own(event: ReplyEvent): ReplyEvent {
    switch (event.type) {
      case 'message-start':
        this.#message ??= event.id
        return event
      case 'reasoning-delta': {
        const { type, choice, text } = event
        // A sign of life takes its place.
        if (!this.#rules.takesReasoning || text === '') return { type: 'keep-alive' }
        return { type, choice, text }
      }
      case 'tool-call-start':
        return { ...event, id: this.#idOf(event) }
      case 'finish':
        return { ...event, raw: '' }
      default:
        return event
    }
  }

  /** An id that this format's provider accepts when it comes back; one that is missing has to be unlike all others. */
  #idOf({ id, choice, index }: Extract<ReplyEvent, { type: 'tool-call-start' }>): string {
    if (id !== '') return fittingId(id, this.#rules.ids)
    this.#message ??= randomUUID()
    return hashedId(`${this.#message} ${choice} ${index}`)
  }
}
