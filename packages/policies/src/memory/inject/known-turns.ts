import type { Message } from '@holdfast/core'
import type { Note } from './note.ts'

/** What was decided about a turn when it was new. It stays so: providers cache requests by their beginning. */
export interface KnownTurn {
  readonly note: Note
  /** Turns of the conversation that were brought back before it. */
  readonly before: readonly Message[]
}

/** A turn, and how far it has come. */
export interface TurnState {
  readonly runId: string | undefined
  readonly known: Promise<KnownTurn>
  /** It was answered, and what is to be kept of it is kept. */
  isOver: boolean
}

const mostTurns = 10_000

/** What was put where, in the conversations of late. */
export class KnownTurns {
  readonly #turns = new Map<string, TurnState>()

  find(key: string): TurnState | undefined {
    const state = this.#turns.get(key)
    // The last used stands last, once there are so many that some of them are to go soon.
    if (state !== undefined && this.#turns.size > mostTurns / 2) {
      this.#turns.delete(key)
      this.#turns.set(key, state)
    }
    return state
  }

  add(key: string, state: TurnState): void {
    this.#turns.delete(key)
    this.#turns.set(key, state)
    if (this.#turns.size > mostTurns) {
      const [oldest] = this.#turns.keys()
      if (oldest !== undefined) this.#turns.delete(oldest)
    }
  }
}
