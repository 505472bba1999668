/** A tool call that had begun when the process ended. Nobody knows what it did. */
export interface EffectInDoubt {
  /** Names it in `runs.resolve`. */
  readonly id: string
  readonly runId: string
  readonly name: string
  /** As the model gave them. */
  readonly arguments: unknown
  /** What the tool was given to tell one execution from two. */
  readonly idempotencyKey: string
  readonly startedAtMs: number
  /** It is done, but its result could not be stored, for this reason. */
  readonly lost?: string
}

/** What became of it: it happened, with this result; it did not, so it may run; or it is left be. */
export type EffectResolution =
  | { readonly as: 'done'; readonly value?: unknown }
  | { readonly as: 'again' }
  | { readonly as: 'skip' }

/**
 * What to do about an effect in doubt. `ask`: the run waits until somebody resolves it. `retry`: it runs again, with
 * the same idempotency key. `skip`: it counts as done, and the model is told that nobody knows. `reconcile` finds out.
 */
export type InDoubtPolicy =
  | 'ask'
  | 'retry'
  | 'skip'
  | {
      readonly reconcile: (effect: EffectInDoubt) => EffectResolution | Promise<EffectResolution>
    }
