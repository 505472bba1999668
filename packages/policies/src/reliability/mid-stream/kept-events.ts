import type { ReplyEvent } from '@holdfast/core'

/** Frames that are kept as they are before they are put together. */
const mostLoose = 512

/**
 * What a stream has said so far, for the case that it breaks. Keeping a frame costs one reference; now and then what
 * is kept is put together, so that it grows with the answer and not with the number of its pieces.
 */
export class KeptEvents {
  #together: ReplyEvent[] = []
  #loose: (readonly ReplyEvent[])[] = []

  add(events: readonly ReplyEvent[]): void {
    if (this.#loose.push(events) === mostLoose) this.#join()
  }

  /** All of it, neighbouring pieces of one thing as one. */
  all(): readonly ReplyEvent[] {
    this.#join()
    return this.#together
  }

  #join(): void {
    const loose = this.#loose
    this.#loose = []
    const together = this.#together
    for (const events of loose) {
      for (const event of events) {
        if (event.type === 'keep-alive') continue
        const last = together.at(-1)
        const joined = last === undefined ? undefined : joinedWith(last, event)
        if (joined === undefined) together.push(event)
        else together[together.length - 1] = joined
      }
    }
  }
}

/** Two events as one that says the same; undefined where they are two things. */
function joinedWith(one: ReplyEvent, next: ReplyEvent): ReplyEvent | undefined {
  switch (next.type) {
    case 'text-delta':
    case 'refusal-delta':
      if (one.type !== next.type || one.choice !== next.choice) return undefined
      return { ...one, text: one.text + next.text }
    case 'reasoning-delta': {
      // Signatures and encrypted parts belong to the text before them, and to no other.
      if (one.type !== next.type || one.choice !== next.choice) return undefined
      if (!isPlain(one) || !isPlain(next)) return undefined
      return { ...one, text: one.text + next.text }
    }
    case 'tool-call-delta':
      if (one.type !== next.type || one.choice !== next.choice || one.index !== next.index) {
        return undefined
      }
      return { ...one, arguments: one.arguments + next.arguments }
    default:
      return undefined
  }
}

function isPlain(event: ReplyEvent & { type: 'reasoning-delta' }): boolean {
  return event.signature === undefined && event.encrypted === undefined
}
