import type { Hold, Patch } from './hold.ts'
import { patchFetch } from './fetch/patch-fetch.ts'

/** Puts every layer that somebody wants, and that is not there yet, in place. */
export function install(
  hold: Hold,
  { realm }: { realm: typeof globalThis; eager: boolean },
): readonly Patch[] {
  const patches: (Patch | undefined)[] = []
  if (hold.claimants.fetch.length > 0) patches.push(patchFetch(hold, realm))
  return patches.filter((patch) => patch !== undefined)
}
