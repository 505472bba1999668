import type { ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'

// Of a process that is made, before it is launched: https://nodejs.org/api/diagnostics_channel.html (2026-11-22)
const channel = 'child_process'

/**
 * Calls `launched` when a process has been launched whose output is heard by a function that reads so: shortened code
 * keeps the names of properties. Once. Returns a function that gives it up.
 */
export function whenLaunched(reads: RegExp, launched: () => void): () => void {
  const made = (message: unknown): void => {
    const { process } = message as { readonly process?: ChildProcess }
    // Whoever launches it says what is to be heard right after.
    queueMicrotask(() => {
      if (process?.pid === undefined || !isHeardBy(process, reads)) return
      giveUp()
      launched()
    })
  }
  const giveUp = (): void => void unsubscribe(channel, made)
  subscribe(channel, made)
  return giveUp
}

function isHeardBy({ stdout }: ChildProcess, reads: RegExp): boolean {
  return stdout?.listeners('data').some((heard) => reads.test(String(heard))) ?? false
}
