import { createRequire, Module } from 'node:module'
import { claimedSymbol, holdOf, markPatched, type Hold, type Patch } from '../hold.ts'
import {
  isModern,
  type Dispatch,
  type DispatchHandler,
  type DispatchOptions,
} from './dispatch-types.ts'
import { dispatchOwn, fixedOriginOf, undiciExchange } from './undici-exchange.ts'

// https://github.com/nodejs/undici/blob/v8.12.4/lib/global.js (2026-11-21): where the copies keep their dispatchers.
const globalDispatchers = [
  Symbol.for('undici.globalDispatcher.1'),
  Symbol.for('undici.globalDispatcher.2'),
]
const require = createRequire(import.meta.url)
const classFile = /[\\/]lib[\\/](?:dispatcher[\\/])?dispatcher-base\.js$/

/** Which dispatchers are the process's own at the moment: another one may belong to another copy of undici. */
export function dispatchersOf(realm: typeof globalThis): readonly unknown[] {
  return globalDispatchers.map((symbol) => Reflect.get(realm, symbol) as unknown)
}

/** Patches every copy of undici that is loaded: Node's own and those of npm. */
export function patchUndici(hold: Hold, realm: typeof globalThis): readonly Patch[] {
  const patches: Patch[] = []
  const patch = (prototype: unknown, name: string): void => {
    const patched = patchPrototype(baseOf(prototype), name, hold)
    if (patched !== undefined) patches.push(patched)
  }
  for (const dispatcher of dispatchersOf(realm)) patch(dispatcher, 'the global dispatcher')
  for (const [file, module] of Object.entries(require.cache)) {
    if (classFile.test(file)) patch(prototypeOf(module?.exports), file)
  }
  return patches
}

/** Patches the copies of undici from npm that are loaded later, before anybody uses them. */
export function watchModules(hold: Hold): Patch | undefined {
  // Every CommonJS module passes here, whether it is imported or required.
  const prototype = Module.prototype as unknown as Record<string, Compile>
  const original = prototype[compileName]
  if (typeof original !== 'function' || holdOf(original) !== undefined) return undefined

  function compile(this: { exports: unknown }, ...args: unknown[]): unknown {
    const result = Reflect.apply(original as Compile, this, args)
    if (typeof args[1] === 'string' && classFile.test(args[1])) {
      // Not in `require.cache` yet.
      const base = baseOf(prototypeOf(this.exports))
      hold.keep(patchPrototype(base, args[1], hold))
      hold.recheck(globalThis)
    }
    return result
  }

  prototype[compileName] = markPatched(compile, original, hold)
  return {
    restore() {
      if (prototype[compileName] === compile) prototype[compileName] = original
    },
  }
}

type Compile = (this: { exports: unknown }, ...args: unknown[]) => unknown
const compileName = '_compile'

/** The prototype that all dispatchers of a copy share, told by its shape: minifiers change the names. */
function baseOf(dispatcher: unknown): { dispatch: Dispatch } | undefined {
  for (
    let at = dispatcher;
    typeof at === 'object' && at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    const destroyed = Object.getOwnPropertyDescriptor(at, 'destroyed')
    if (Object.hasOwn(at, 'dispatch') && destroyed?.get !== undefined) {
      return at as { dispatch: Dispatch }
    }
  }
  return undefined
}

function prototypeOf(exports: unknown): unknown {
  return typeof exports === 'function' ? exports.prototype : undefined
}

function patchPrototype(
  prototype: { dispatch: Dispatch } | undefined,
  name: string,
  hold: Hold,
): Patch | undefined {
  if (prototype === undefined || holdOf(prototype.dispatch) !== undefined) return undefined
  const original = prototype.dispatch

  function dispatch(this: object, options: DispatchOptions, handler: DispatchHandler): boolean {
    if (hold.claimants.undici.length > 0 && isExchange(options, handler)) {
      if (claimedSymbol in options) return dispatchOwn(hold, original, this, options, handler)
      if (hold.isInside()) {
        // A pool may keep it and dispatch it later, when nothing else tells whose it is.
        const marked = { ...options, [claimedSymbol]: true }
        return dispatchOwn(hold, original, this, marked, handler)
      }
      const url = urlOf(this, options)
      const method = options.method ?? 'GET'
      const claimant = url === undefined ? undefined : hold.claim('undici', method, url)
      if (url !== undefined && claimant !== undefined) {
        hold.book.caught.undici++
        undiciExchange(
          claimant,
          { original, dispatcher: this, options, handler, url, method },
          hold,
        )
        return true
      }
    }
    return Reflect.apply(original, this, [options, handler])
  }

  prototype.dispatch = markPatched(dispatch, original, hold)
  hold.book.holds.undici.add(name)
  return {
    restore() {
      if (prototype.dispatch === dispatch) prototype.dispatch = original
      hold.book.holds.undici.delete(name)
    },
  }
}

/** What is no plain exchange, or would be refused, is undici's own matter. */
function isExchange(options: unknown, handler: unknown): boolean {
  if (typeof options !== 'object' || options === null) return false
  if (typeof handler !== 'object' || handler === null) return false
  const { method, upgrade } = options as DispatchOptions
  if (method === 'CONNECT' || (upgrade !== undefined && upgrade !== null && upgrade !== false)) {
    return false
  }
  return isModern(handler) || typeof (handler as { onHeaders?: unknown }).onHeaders === 'function'
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
