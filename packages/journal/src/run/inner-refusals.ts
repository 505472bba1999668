import { currentEffect } from '@holdfast/core'
import type { Effect, HoldfastError } from '@holdfast/core'
import { isRefusal } from './journaled-run.ts'

interface Watched {
  readonly outer: Effect | undefined
  refusal: HoldfastError | undefined
}

const watched = new WeakMap<Effect, Watched>()

/** Watches over what is refused inside of a tool that is about to run. Answers with what tells. */
export function watchInside(effect: Effect): () => HoldfastError | undefined {
  const state: Watched = { outer: currentEffect(), refusal: undefined }
  watched.set(effect, state)
  return () => state.refusal
}

/**
 * Tells the tools around this call that the journal has refused it: whatever they make of that is no outcome of theirs,
 * for the run is not over.
 */
export function tellOutside(error: unknown): void {
  // A run that somebody else holds may be asked for again.
  if (!isRefusal(error) || error.code === 'RUN_HELD') return
  for (let effect = currentEffect(); effect !== undefined;) {
    const state = watched.get(effect)
    if (state !== undefined) state.refusal ??= error
    effect = state?.outer
  }
}
