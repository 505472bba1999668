import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import type { ResolveHookContext } from 'node:module'
import { fileURLToPath } from 'node:url'
import { requiredExports } from './loaded-modules.ts'
import type { Exports } from './loaded-modules.ts'

/** Who is told about modules. Neither function may throw. */
export interface ModuleListener {
  /** Asked for every file that is loaded. */
  wants(url: string): boolean
  /** Functions of a wanted file that it is to be told of beside what the file exports. */
  functionsOf(url: string): readonly string[]
  /** Called for a wanted file once it has been evaluated. */
  loaded(url: string, exports: Exports, functions?: object): void
}

export interface ModuleWatch {
  stop(): void
}

/** Watches the modules that are loaded from now on, by `import` and by `require`. */
export function watchModules(
  listener: ModuleListener,
  exactly: boolean = loadHooksAreSafe(process.versions.node),
): ModuleWatch {
  return exactly ? watchExactly(listener) : watchLate(listener)
}

/**
 * From these versions on, a load hook leaves CommonJS builds alone that import each other in circles.
 * Measured with @google/adk on 22.16, 22.20 and 24.5 (broken) and 22.23, 24.21 and 26.10 (2026-11-21); the line is the one import-in-the-middle draws.
 */
export function loadHooksAreSafe(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  if (major === 22) return minor > 22 || (minor === 22 && patch >= 3)
  if (major === 24) return minor > 11 || (minor === 11 && patch >= 1)
  if (major === 25) return minor >= 1
  return major > 25
}

/** Wanted files call this, with their URL and exports, as their last statement. */
const announcements = Symbol.for('holdfast.module-announcements')

type Announce = (url: string, exports: Exports, functions?: object) => void

/** A wanted file gets one more line at its end, so it is told before anybody can use it. */
function watchExactly(listener: ModuleListener): ModuleWatch {
  const holder = globalThis as { [announcements]?: Set<Announce> }
  const announced = (holder[announcements] ??= new Set())
  const unread = new UnreadLines(listener)
  const announce: Announce = (url, exports, functions) => {
    unread.delete(url)
    if (listener.wants(url)) listener.loaded(url, exports, functions)
  }
  announced.add(announce)
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      unread.lookAgain()
      const resolved = next(
        specifier,
        specifier === 'holdfast/auto' ? withoutWait(context) : context,
      )
      const { url } = resolved
      if (context.conditions.includes('require') && url.startsWith('file:') && listener.wants(url))
        unread.add(url)
      return resolved
    },
    load(url, context, next) {
      const loaded = next(url, context)
      if (!url.startsWith('file:') || !listener.wants(url)) return loaded
      const isModule = loaded.format === 'module'
      // After a line break: files end in a source map comment.
      const announcing = `globalThis[Symbol.for('holdfast.module-announcements')]?.forEach((announce) => announce(${JSON.stringify(url)},`
      const functions = accessorsOf(listener.functionsOf(url))
      const lastLine = isModule
        ? `\n;import * as __holdfast from ${JSON.stringify(url)};${announcing} __holdfast${functions}));\n`
        : `\n;${announcing} module.exports${functions}));\n`
      return { ...loaded, source: textOf(loaded.source, url) + lastLine }
    },
  })
  return {
    stop() {
      announced.delete(announce)
      hooks.deregister()
    },
  }
}

/**
 * Frameworks are attached to as they are evaluated here, so nobody has to wait for it at the top of a module: one that
 * waits cannot be required.
 */
function withoutWait(context: ResolveHookContext): ResolveHookContext {
  const conditions = context.conditions.map((one) => (one === 'import' ? 'require' : one))
  return { ...context, conditions }
}

/**
 * Required files whose last line has not run. Some loaders, such as tsx, read a file by themselves and never see the
 * line: these files are looked at when the next one is required, and a turn of the event loop later.
 */
class UnreadLines {
  readonly #listener: ModuleListener
  readonly #urls = new Set<string>()

  constructor(listener: ModuleListener) {
    this.#listener = listener
  }

  add(url: string): void {
    if (this.#urls.size === 0) setImmediate(() => this.#end())
    this.#urls.add(url)
  }

  delete(url: string): void {
    this.#urls.delete(url)
  }

  lookAgain(): void {
    for (const url of this.#urls) {
      const exports = requiredExports(url)
      if (exports === undefined) continue
      this.#urls.delete(url)
      this.#listener.loaded(url, exports)
    }
  }

  #end(): void {
    this.lookAgain()
    this.#urls.clear()
  }
}

/** Code that hands functions of the file over by name: read and replaced where they are, undefined where there is none. */
function accessorsOf(names: readonly string[]): string {
  if (names.length === 0) return ''
  const accessors = names.map(
    (name) =>
      `get ${name}() { return typeof ${name} === 'function' ? ${name} : undefined }, set ${name}(other) { ${name} = other }`,
  )
  return `, { ${accessors.join(', ')} }`
}

function textOf(source: unknown, url: string): string {
  if (typeof source === 'string') return source
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    return new TextDecoder().decode(source)
  }
  return readFileSync(fileURLToPath(url), 'utf8')
}

/** Where load hooks are not safe: the file is looked at a turn of the event loop after it was resolved. */
function watchLate(listener: ModuleListener): ModuleWatch {
  const seen = new Set<string>()
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context)
      const { url } = resolved
      if (url.startsWith('file:') && !seen.has(url) && listener.wants(url)) {
        seen.add(url)
        setImmediate(() => void lookAt(url, listener))
      }
      return resolved
    },
  })
  return { stop: () => hooks.deregister() }
}

async function lookAt(url: string, listener: ModuleListener): Promise<void> {
  const required = requiredExports(url)
  if (required !== undefined) return listener.loaded(url, required)
  if (url.endsWith('.cjs')) return
  try {
    listener.loaded(url, (await import(url)) as Exports)
  } catch {
    // It fails for the application too, which is told.
  }
}
