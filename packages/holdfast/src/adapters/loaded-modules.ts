import { createRequire, registerHooks } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const require = createRequire(import.meta.url)

/** Told the URL of every module file that the process loads, right after it was resolved. */
export interface ModuleWatch {
  stop(): void
}

/**
 * Watches which modules are loaded from now on, by `import` and by `require`.
 * Resolution is only looked at: no source passes through here, which keeps other loaders and old CommonJS builds safe.
 */
export function watchModules(seen: (url: string) => void): ModuleWatch {
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const parent = lookups.get(specifier)
      const resolved = next(
        specifier,
        parent !== undefined && context.parentURL === import.meta.url
          ? { ...context, parentURL: parent }
          : context,
      )
      if (resolved.url.includes('node_modules')) seen(resolved.url)
      return resolved
    },
  })
  return { stop: () => hooks.deregister() }
}

/** Files that CommonJS has loaded, as URLs, with their exports. */
export function* loadedCommonJs(): Iterable<readonly [string, Record<string, unknown>]> {
  for (const [path, module] of Object.entries(require.cache)) {
    if (module?.loaded && path.includes('node_modules')) {
      yield [pathToFileURL(path).href, module.exports as Record<string, unknown>]
    }
  }
}

/** What `require` has in its cache for a file, if it is fully loaded. */
export function requiredExports(url: string): Record<string, unknown> | undefined {
  if (!url.startsWith('file:')) return undefined
  const module = require.cache[fileURLToPath(url)]
  return module?.loaded ? (module.exports as Record<string, unknown>) : undefined
}

const lookups = new Map<string, string>()

/**
 * Imports a module as a file in the application's root would. Only while a ModuleWatch is on.
 * @throws when it is not installed there.
 */
export async function importFromApp(
  specifier: string,
  via: readonly string[] = [],
): Promise<Record<string, unknown>> {
  let failure: unknown
  for (const parent of parents(via)) {
    try {
      lookups.set(specifier, parent)
      // The hook above reads the parent synchronously, before import() returns.
      const loading = import(specifier) as Promise<Record<string, unknown>>
      lookups.delete(specifier)
      return await loading
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

/** Files from which the application's dependencies can be seen: its root first, then the packages that bring others along. */
function* parents(via: readonly string[]): Iterable<string> {
  for (const root of appRoots()) {
    yield root
    for (const name of via) {
      try {
        yield pathToFileURL(createRequire(root).resolve(name)).href
      } catch {
        // Not installed here; the next one may be.
      }
    }
  }
}

/** URLs in the folders an application resolves its dependencies from. */
export function appRoots(): readonly string[] {
  const roots = new Set<string>()
  if (process.argv[1] !== undefined) {
    roots.add(pathToFileURL(`${dirname(process.argv[1])}/holdfast.js`).href)
  }
  roots.add(pathToFileURL(`${process.cwd()}/holdfast.js`).href)
  return [...roots]
}
