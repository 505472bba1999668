import { randomUUID } from 'node:crypto'
import type { Loss, ReplyEvent } from '@holdfast/core'
import { Losses } from '../compose/losses.ts'
import { isArguments, type ReplyContent } from './blocks.ts'
import { fittingId, hashedId, type IdRules } from '../request/tool-call-id.ts'

/** What a format takes of another provider's reply. */
export interface ForeignRules {
  /** Reasoning without its provider's signature may come back to this format's provider with the next request. */
  readonly takesReasoning: boolean
  /** A refusal has a form of its own; else it is a text. @default false */
  readonly takesRefusals?: boolean
  /** An answer may have several alternatives; else it is the first. @default false */
  readonly takesChoices?: boolean
  /** Arguments of tool calls are text, whatever it says; else they have to be a JSON object. @default false */
  readonly takesTextArguments?: boolean
  readonly ids: IdRules
}

/** Events of another provider as this format's own could have been. */
export class ForeignEvents {
  readonly #rules: ForeignRules
  readonly #losses = new Losses()
  readonly #usedIds = new Set<string>()
  #message: string | undefined

  constructor(rules: ForeignRules) {
    this.#rules = rules
  }

  get losses(): readonly Loss[] {
    return this.#losses.list
  }

  own(event: ReplyEvent): ReplyEvent {
    if ('choice' in event && event.choice > 0 && this.#rules.takesChoices !== true) {
      this.#losses.meaning('further choices', 'reply')
      return signOfLife
    }
    switch (event.type) {
      case 'message-start':
        this.#message ??= event.id
        return event
      case 'reasoning-delta': {
        const { type, choice, text } = event
        if (text === '') return signOfLife
        if (this.#rules.takesReasoning) return { type, choice, text }
        this.#losses.detail('reasoning', 'reply')
        return signOfLife
      }
      case 'refusal-delta':
        if (this.#rules.takesRefusals !== true) this.#losses.detail('refusal as such', 'reply')
        return event
      case 'tool-call-start':
        return { ...event, id: this.#idOf(event) }
      case 'other-content':
        this.#drop(event.name)
        return signOfLife
      case 'finish':
        if (event.reason === 'other') this.#losses.detail(`finish reason ${event.raw}`, 'reply')
        return { ...event, raw: '' }
      default:
        return event
    }
  }

  /** The reply is over. */
  end({ blocks }: ReplyContent): void {
    if (this.#rules.takesTextArguments === true) return
    if (blocks.some((block) => block.type === 'tool-call' && !isArguments(block.arguments))) {
      this.#losses.meaning('tool arguments that are no JSON object', 'reply')
    }
  }

  /** Content without a neutral form is in the other provider's words, which nobody above understands. */
  #drop(name: string): void {
    if (name === 'progress') return
    if (aside.has(name)) this.#losses.detail(name, 'reply')
    else this.#losses.meaning(name, 'reply')
  }

  /** An id that this format's provider accepts when it comes back; one that is missing, or there twice, gets one of its own. */
  #idOf({ id, choice, index }: Extract<ReplyEvent, { type: 'tool-call-start' }>): string {
    let own = id === '' ? '' : fittingId(id, this.#rules.ids)
    if (own === '' || this.#usedIds.has(own)) {
      this.#message ??= randomUUID()
      own = hashedId(`${this.#message} ${choice} ${index}`, this.#rules.ids)
    }
    this.#usedIds.add(own)
    return own
  }
}

/** The reader above is not left without anything. */
const signOfLife: ReplyEvent = { type: 'keep-alive' }

/** Said about the content, not part of it. */
const aside = new Set(['citation', 'annotation', 'annotations'])
