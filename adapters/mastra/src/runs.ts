import { AsyncLocalStorage } from 'node:async_hooks'
import type { AdapterHost, RunHint } from 'holdfast'

/** The agent or workflow whose inner works are running. Mastra builds agents of agents' parts and of workflows. */
const owners = new AsyncLocalStorage<object | undefined>()

/** True inside of an agent or a workflow, but for the tools it calls. */
export function isInnerWork(): boolean {
  return owners.getStore() !== undefined
}

/** True where `owner` calls itself. */
export function isOwner(owner: object): boolean {
  return owners.getStore() === owner
}

/** What tools start is the application's. */
export function asApplication<T>(work: () => T): T {
  return owners.run(undefined, work)
}

/** A run of `owner`, over when what `work` returns is, a stream too. */
export function runOwner(
  host: AdapterHost,
  hint: RunHint,
  owner: object,
  work: () => Promise<unknown>,
): Promise<unknown> {
  return host.runUntil(
    hint,
    () => owners.run(owner, work),
    (result) => result.then(whenOver),
  )
}

// The first versions do not have it; their streamed runs are over as they begin.
const finished = '_waitUntilFinished'

async function whenOver(result: unknown): Promise<void> {
  const output = result as { readonly [finished]?: () => Promise<void> } | undefined
  await output?.[finished]?.()
}
