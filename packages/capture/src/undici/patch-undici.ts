import { createRequire, Module } from 'node:module'
import { claimedSymbol, type Hold, type Patch } from '../hold.ts'
import { replaceMethod } from '../replace-method.ts'
import {
  isModern,
  type Dispatch,
  type DispatchHandler,
  type DispatchOptions,
} from './dispatch-types.ts'
import { dispatchSeen, fixedOriginOf, undiciExchange } from './undici-exchange.ts'

// https://github.com/nodejs/undici/blob/v8.12.4/lib/global.js (2026-11-21): where the copies keep their dispatchers.
const newGlobalDispatcher: unique symbol = Symbol.for('undici.globalDispatcher.2') as never
const oldGlobalDispatcher: unique symbol = Symbol.for('undici.globalDispatcher.1') as never
const require = createRequire(import.meta.url)
const classFile = /[\\/]lib[\\/](?:dispatcher[\\/])?dispatcher-base\.js$/

/** Tells whether the process has another dispatcher than when it was last asked: that may be of another copy. */
export function dispatcherWatch(): (realm: typeof globalThis) => boolean {
  let seen: readonly unknown[] = []
  // On the way of every caught call of fetch: two comparisons where nothing is new.
  return function changed(realm) {
    const now = realm as Dispatchers
    const same = now[oldGlobalDispatcher] === seen[0] && now[newGlobalDispatcher] === seen[1]
    if (!same) seen = [now[oldGlobalDispatcher], now[newGlobalDispatcher]]
    return !same
  }
}

interface Dispatchers {
  readonly [oldGlobalDispatcher]?: unknown
  readonly [newGlobalDispatcher]?: unknown
}

/** Patches every copy of undici that is loaded: Node's own and those of npm. */
export function patchUndici(hold: Hold, realm: typeof globalThis): readonly Patch[] {
  const patches: Patch[] = []
  const patch = (prototype: unknown, name: string): void => {
    const patched = patchPrototype(baseOf(prototype), name, hold)
    if (patched !== undefined) patches.push(patched)
  }
  const { [oldGlobalDispatcher]: old, [newGlobalDispatcher]: current } = realm as Dispatchers
  for (const dispatcher of [old, current]) patch(dispatcher, 'the global dispatcher')
  for (const [file, module] of Object.entries(require.cache)) {
    if (classFile.test(file)) patch(prototypeOf(module?.exports), file)
  }
  return patches
}

/** Patches the copies of undici from npm that are loaded later, before anybody uses them. */
export function watchModules(hold: Hold): Patch | undefined {
  // Every CommonJS module passes here, whether it is imported or required.
  return replaceMethod(hold, Module.prototype, '_compile', (original: Compile) => {
    return function compile(this: { exports: unknown }, ...args: unknown[]): unknown {
      const result = Reflect.apply(original, this, args)
      if (typeof args[1] === 'string' && classFile.test(args[1])) {
        // Not in `require.cache` yet.
        hold.keep(patchPrototype(baseOf(prototypeOf(this.exports)), args[1], hold))
        hold.recheck(globalThis)
      }
      return result
    }
  })
}

type Compile = (this: { exports: unknown }, ...args: unknown[]) => unknown

/** The prototype that all dispatchers of a copy share, told by its shape: minifiers change the names. */
function baseOf(dispatcher: unknown): object | undefined {
  for (
    let at = dispatcher;
    typeof at === 'object' && at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    const destroyed = Object.getOwnPropertyDescriptor(at, 'destroyed')
    if (Object.hasOwn(at, 'dispatch') && destroyed?.get !== undefined) {
      return at
    }
  }
  return undefined
}

function prototypeOf(exports: unknown): unknown {
  return typeof exports === 'function' ? exports.prototype : undefined
}

function patchPrototype(
  prototype: object | undefined,
  name: string,
  hold: Hold,
): Patch | undefined {
  const make = (original: Dispatch) =>
    function dispatch(this: object, options: DispatchOptions, handler: DispatchHandler): boolean {
      if (isObject(options) && !hold.wants(options.method ?? 'GET')) {
        return Reflect.apply(original, this, [options, handler])
      }
      const { own } = hold
      // An agent hands what it gets to a pool, and that to a client: nobody is asked three times.
      if (hold.claimants.undici.length === 0 || options === own.dispatched || !isObject(options)) {
        return Reflect.apply(original, this, [options, handler])
      }
      if (claimedSymbol in options) return dispatchSeen(hold, original, this, options, handler)
      if (hold.isInside()) {
        // A pool may keep it and dispatch it later, when nothing else tells whose it is.
        const marked = { ...options, [claimedSymbol]: true }
        return dispatchSeen(hold, original, this, marked, handler)
      }
      if (isExchange(options, handler)) {
        const url = urlOf(this, options)
        const method = options.method ?? 'GET'
        const claimant = url === undefined ? undefined : hold.claim('undici', method, url)
        if (url !== undefined && claimant !== undefined) {
          hold.book.caught.undici++
          const call = { original, dispatcher: this, options, handler, url, method }
          undiciExchange(claimant, call, hold)
          return true
        }
      }
      return dispatchSeen(hold, original, this, options, handler)
    }
  const restored = (): void => void hold.book.holds.undici.delete(name)
  const patch = replaceMethod(hold, prototype, 'dispatch', make, restored)
  if (patch !== undefined) hold.book.holds.undici.add(name)
  return patch
}

/** What is no plain exchange, or would be refused, is undici's own matter. */
function isExchange({ method, upgrade }: DispatchOptions, handler: unknown): boolean {
  if (!isObject(handler)) return false
  if (method === 'CONNECT' || (upgrade !== undefined && upgrade !== null && upgrade !== false)) {
    return false
  }
  return isModern(handler) || typeof handler.onHeaders === 'function'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function urlOf(dispatcher: object, { origin, path, query }: DispatchOptions): string | undefined {
  if (typeof path !== 'string') return undefined
  const base = originOf(origin) ?? fixedOriginOf(dispatcher)
  // A proxy is asked for the whole URL.
  const url = path.startsWith('http') ? path : base === undefined ? undefined : base + path
  if (url === undefined || query === undefined || query === null) return url
  return `${url}?${String(new URLSearchParams(query as Record<string, string>))}`
}

function originOf(origin: unknown): string | undefined {
  if (typeof origin === 'string') return origin.endsWith('/') ? origin.slice(0, -1) : origin
  return origin instanceof URL ? origin.origin : undefined
}
