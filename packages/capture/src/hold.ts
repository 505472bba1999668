import { AsyncLocalStorage } from 'node:async_hooks'
import type { HttpHandler, HttpLayer, TransportProgress } from '@holdfast/core'
import { createReport, type CaptureReport, type ReportBook } from './report.ts'

/** One active `capture()`: who handles, and where. */
export interface Claimant {
  readonly handler: HttpHandler
  readonly layers: readonly HttpLayer[]
  readonly maxBodyBytes: number
  /** Whether calls of fetch may be sent without fetch where nobody can tell. */
  readonly transport: 'direct' | 'original'
  readonly onPassing: ((seen: { layer: HttpLayer; url: string }) => void) | undefined
}

/** One thing that was put in place of the original; gives it back unless somebody patched on top. */
export interface Patch {
  restore(): void
}

/** What puts the layers in place. */
export interface Layers {
  /** Patches what somebody wants and is not patched yet, and says what it did. */
  install(hold: Hold, options: InstallOptions): readonly Patch[]
  /** True when there may be something to patch that was not there at the last call. Cheap. */
  changed(realm: typeof globalThis): boolean
}

/** Where to patch, and whether to load what can be patched only once it is loaded. */
export interface InstallOptions {
  readonly realm: typeof globalThis
  readonly eager: boolean
}

/**
 * The one hold on this process: who wants exchanges, and which calls are already being handled.
 * Every copy of this package in the process shares it; so its shape changes only with `version`.
 */
export interface Hold {
  readonly version: typeof holdVersion
  /** Newest first. Empty when nobody captures that layer: the patched functions then pass straight through. */
  readonly claimants: Readonly<Record<HttpLayer, readonly Claimant[]>>
  readonly book: ReportBook
  /** True while anybody captures anything. */
  isActive(): boolean
  /** True in code that a caught exchange runs through already, and in `bypass`. */
  isInside(): boolean
  /** Runs work whose HTTP calls are not to be caught (again). */
  runInside<T>(work: () => T): T
  /** False for methods that nobody claims, whatever the URL: the first and cheapest question. */
  wants(method: unknown): boolean
  /** The newest claimant of the layer that wants this exchange. A claim that throws counts as no. */
  claim(layer: HttpLayer, method: string, url: string): Claimant | undefined
  add(claimant: Claimant, options: InstallOptions): void
  remove(claimant: Claimant): void
  /** What a layer sends itself. */
  readonly own: {
    /** What undici is being called with, when that was looked at already. */
    dispatched: object | undefined
    /** Who wants to know about the attempt that is being given to undici. */
    progress: TransportProgress | undefined
    /** The last request of node:http that nobody claimed, until it is announced. */
    unclaimed: object | undefined
    /** Requests of node:http that belong to a caught exchange. */
    readonly requests: WeakSet<object>
  }
  /** Writes down an exchange that goes by uncaught, where somebody would have claimed it, and tells that somebody. */
  passing(layer: HttpLayer, method: string, url: string): void
  /** Patches what has come since. Cheap where nothing has. */
  recheck(realm: typeof globalThis): void
  /** A patch to be taken back with the others. */
  keep(patch: Patch | undefined): void
  report(): CaptureReport
}

/** Found on every function that Holdfast put in place of another; leads to the hold. */
export const holdMark: unique symbol = Symbol.for('holdfast.capture') as never

/** On the options of a call that a handler sent: it is not to be caught again further in. */
export const claimedSymbol: unique symbol = Symbol.for('holdfast.claimed') as never

const holdVersion = 1

// Shared and frozen: pooled sockets that are opened inside keep nothing of a call alive.
const inside = Object.freeze({})

/** A hold with nothing in it. */
export function createHold(layers: Layers): Hold {
  const scope = new AsyncLocalStorage<object>()
  const claimants: Record<HttpLayer, readonly Claimant[]> = {
    fetch: [],
    undici: [],
    http: [],
    http2: [],
  }
  const active = new Set<Claimant>()
  /** Methods that somebody may claim; undefined where somebody may claim any. */
  let methods: ReadonlySet<unknown> | undefined = new Set()
  let patches: Patch[] = []
  const book = createReport()

  const hold: Hold = {
    version: holdVersion,
    claimants,
    book,
    isActive: () => active.size > 0,
    isInside: () => scope.getStore() !== undefined,
    runInside: (work) => scope.run(inside, work),
    wants: (method) => methods === undefined || methods.has(method),
    claim(layer, method, url) {
      for (const claimant of claimants[layer]) {
        try {
          if (claimant.handler.claims(method, url)) return claimant
        } catch {
          // A bug in a handler must not break the application: the exchange goes its normal way.
        }
      }
      return undefined
    },
    add(claimant, options) {
      if (active.size === 0) book.clear()
      active.add(claimant)
      methods = methodsOf(active)
      for (const layer of claimant.layers) claimants[layer] = [claimant, ...claimants[layer]]
      patches.push(...layers.install(hold, options))
    },
    remove(claimant) {
      if (!active.delete(claimant)) return
      methods = methodsOf(active)
      for (const layer of claimant.layers) {
        claimants[layer] = claimants[layer].filter((other) => other !== claimant)
      }
      if (active.size > 0) return
      for (const patch of patches.toReversed()) patch.restore()
      patches = []
    },
    own: {
      dispatched: undefined,
      progress: undefined,
      unclaimed: undefined,
      requests: new WeakSet(),
    },
    passing(layer, method, url) {
      const claimant = hold.claim(layer, method, url)
      if (claimant === undefined) return
      const seen = { layer, url: url.split('?', 1)[0] ?? url }
      book.passing(seen.layer, seen.url)
      try {
        claimant.onPassing?.(seen)
      } catch {
        // As with a claim: the exchange is the application's.
      }
    },
    recheck(realm) {
      if (active.size === 0 || !layers.changed(realm)) return
      patches.push(...layers.install(hold, { realm, eager: false }))
    },
    keep(patch) {
      if (patch !== undefined) patches.push(patch)
    },
    report: () => book.report(),
  }
  return hold
}

/** Undefined where a handler does not say which methods it may claim. */
function methodsOf(claimants: Iterable<Claimant>): ReadonlySet<unknown> | undefined {
  const methods = new Set<unknown>()
  for (const { handler } of claimants) {
    if (handler.methods === undefined) return undefined
    for (const method of handler.methods) methods.add(method)
  }
  return methods
}

/** The hold that a function was patched by, when it was. */
export function holdOf(patched: unknown): Hold | undefined {
  if (typeof patched !== 'function' || !Object.hasOwn(patched, holdMark)) return undefined
  const hold = (patched as { [holdMark]?: Hold })[holdMark]
  if (hold?.version !== holdVersion) {
    throw new Error(
      `Two versions of @holdfast/capture that do not understand each other are loaded ` +
        `(hold version ${hold?.version} and ${holdVersion}). Install one version of holdfast.`,
    )
  }
  return hold
}
