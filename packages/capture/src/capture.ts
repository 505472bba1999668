import type { HttpHandler, HttpLayer } from '@holdfast/core'
import { createHold, holdOf, type Claimant, type Hold } from './hold.ts'
import { http } from './http/node-http.ts'
import { processLayers } from './install.ts'
import type { CaptureReport } from './report.ts'

/** How the process is taken hold of. */
export interface CaptureOptions {
  /** Which HTTP stacks to look into. @default all four */
  readonly layers?: readonly HttpLayer[]
  /** Request bodies that can be read only once and are larger than this pass through unread. @default 32 MiB */
  readonly maxBodyBytes?: number
  /**
   * How claimed calls of fetch are sent: `original` by the fetch that stood there; `direct` over node:http, which takes
   * half the time, wherever nobody can tell the difference, and by the original everywhere else.
   * @default 'direct'
   */
  readonly transport?: 'direct' | 'original'
  /** Told of each exchange that the handler claims but that no layer could catch, and of each over HTTP/2. */
  readonly onPassing?: (seen: { layer: HttpLayer; url: string }) => void
  /**
   * Starts Node's own undici now (30 to 50 ms), so that clients which took `fetch` earlier are caught too.
   * Not needed where nothing ran before, as under `--import`. @default true
   */
  readonly eager?: boolean
}

/** A hold on the process's HTTP calls. */
export interface Capture {
  /** Lets go. The last one to let go gives the originals back. */
  release(): void
  /** What was caught so far, and what went by. */
  report(): CaptureReport
}

const allLayers: readonly HttpLayer[] = ['fetch', 'undici', 'http', 'http2']
const defaultMaxBodyBytes = 32 * 1024 * 1024

let ownHold: Hold | undefined

/**
 * Takes hold of the process's HTTP calls and gives each model exchange to the handler, once.
 * Of several captures the newest whose handler claims an exchange gets it; the others never see it.
 */
export function capture(
  handler: HttpHandler,
  {
    layers = allLayers,
    maxBodyBytes = defaultMaxBodyBytes,
    transport = 'direct',
    onPassing,
    eager = true,
  }: CaptureOptions = {},
): Capture {
  const hold = currentHold()
  const claimant: Claimant = {
    handler,
    layers: [...new Set(layers)],
    maxBodyBytes,
    transport,
    onPassing,
  }
  hold.add(claimant, { realm: globalThis, eager })
  return { release: () => hold.remove(claimant), report: () => hold.report() }
}

/** Runs work whose HTTP calls are not caught. */
export function bypass<T>(work: () => T): T {
  return currentHold().runInside(work)
}

/** The hold on this process, whichever copy of the package made it; it may be one that nobody uses yet. */
export function currentHold(): Hold {
  const addRequest: unknown = Reflect.get(http.Agent.prototype, 'addRequest')
  return holdOf(globalThis.fetch) ?? holdOf(addRequest) ?? (ownHold ??= createHold(processLayers()))
}
