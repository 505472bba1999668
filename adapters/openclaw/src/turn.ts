import { AsyncLocalStorage } from 'node:async_hooks'

/** What the journal ends a run with, until somebody has looked. */
const ends = ['EFFECT_IN_DOUBT', 'RUN_DIVERGED', 'RUN_TAKEN_OVER']

const turns = new AsyncLocalStorage<Turn>()

/** The turn that the current code belongs to. */
export function currentTurn(): Turn | undefined {
  return turns.getStore()
}

/**
 * A turn of an agent. Where the journal refuses one of its tools, the model will not be asked either: OpenClaw would take
 * that for a network that fails, and try for minutes. It is told to stop once none of its tools works any more.
 */
export class Turn {
  readonly #stop = new AbortController()
  readonly session: unknown
  readonly signal: AbortSignal
  #working = 0
  #refusal: unknown

  constructor(session: unknown, signal: AbortSignal | undefined) {
    this.session = session
    const own = this.#stop.signal
    this.signal = signal === undefined ? own : AbortSignal.any([signal, own])
  }

  run<T>(work: () => T): T {
    return turns.run(this, work)
  }

  /** Executes one of its tools. */
  async tool<T>(execute: () => Promise<T>): Promise<T> {
    this.#working++
    try {
      return await execute()
    } catch (error) {
      if (isEnd(error)) this.#refusal ??= error
      throw error
    } finally {
      this.#working--
      if (this.#working === 0 && this.#refusal !== undefined) this.#stop.abort(this.#refusal)
    }
  }
}

/** True for what the journal refuses, and the whole run with it. */
export function isEnd(error: unknown): boolean {
  return (
    error instanceof Error &&
    'isHoldfastError' in error &&
    'code' in error &&
    ends.includes(String(error.code))
  )
}
