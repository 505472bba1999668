import { realpathSync } from 'node:fs'
import { createRequire, findPackageJSON } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const require = createRequire(import.meta.url)

/** What a loaded file exports: a namespace or `module.exports`. */
export type Exports = Readonly<Record<string, unknown>>

/** Files that CommonJS has loaded to their end, as URLs, with their exports. */
export function* loadedCommonJs(): Iterable<readonly [url: string, exports: Exports]> {
  for (const [path, module] of Object.entries(require.cache)) {
    if (module?.loaded) yield [pathToFileURL(path).href, module.exports as Exports]
  }
}

/** What CommonJS has in its cache for a file, if it is loaded to its end. */
export function requiredExports(url: string): Exports | undefined {
  const module = require.cache[fileURLToPath(url)]
  return module?.loaded ? (module.exports as Exports) : undefined
}

/** The namespace of an ES module that has been evaluated. One that has not been would be now. */
export function evaluatedExports(url: string): Exports {
  return require(fileURLToPath(url)) as Exports
}

/**
 * URLs of all ES modules that the process has loaded, or why that cannot be told.
 * The engine is asked, since importing a specifier could load a copy that nobody uses. Takes tens of milliseconds.
 */
export function loadedEsModules(): readonly string[] | Error {
  try {
    const { Session } = process.getBuiltinModule('node:inspector')
    const session = new Session()
    session.connect()
    const urls: string[] = []
    session.on('Debugger.scriptParsed', ({ params: { url, isModule } }) => {
      if (isModule === true && url.startsWith('file:')) urls.push(url)
    })
    // A session of the own thread answers before post() returns.
    session.post('Debugger.enable')
    session.post('Debugger.disable')
    session.disconnect()
    return urls
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/**
 * True when every ES module that is loaded has been evaluated too: no import list is being worked off on this stack, or
 * the application's main file has its turn, which is the last.
 */
export function allIsEvaluated(): boolean {
  const frames = stack().filter((frame) => !frame.includes('at async '))
  if (!frames.some((frame) => frame.includes('node:internal/modules/esm/module_job'))) return true
  const [, main] = process.argv
  if (main === undefined) return false
  try {
    const path = realpathSync(main)
    const url = pathToFileURL(path).href
    return frames.some((frame) => frame.includes(url))
  } catch {
    return false
  }
}

function stack(): string[] {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = Number.POSITIVE_INFINITY
  const { stack: text } = new Error('where are we')
  Error.stackTraceLimit = limit
  // Unknown, where an application has replaced how stacks are written: then something is being evaluated.
  return typeof text === 'string' ? text.split('\n') : ['node:internal/modules/esm/module_job']
}

/** True when the application can see a package of this name from its main file or the working directory. */
export function isInstalled(name: string): boolean {
  const roots = [
    process.argv[1] === undefined ? undefined : dirname(process.argv[1]),
    process.cwd(),
  ]
  return roots.some((root) => {
    if (root === undefined) return false
    try {
      return findPackageJSON(name, pathToFileURL(`${root}/holdfast.js`)) !== undefined
    } catch {
      return false
    }
  })
}
