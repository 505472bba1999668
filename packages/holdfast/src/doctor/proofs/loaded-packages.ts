import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { loadedCommonJs, loadedEsModules } from '../../adapters/loaded-modules.ts'

/** A copy of a package of which a process has loaded files. */
export interface LoadedPackage {
  readonly name: string
  readonly version: string
  readonly folder: string
  /** How its files were loaded. */
  readonly modules: readonly ('esm' | 'cjs')[]
}

const marker = '/node_modules/'

/** The copies of these packages that this process has loaded until now. Takes tens of milliseconds. */
export function loadedPackages(names: ReadonlySet<string>): readonly LoadedPackage[] {
  const copies = new Map<string, Set<'esm' | 'cjs'>>()
  const saw = (url: string, modules: 'esm' | 'cjs'): void => {
    const folder = folderOf(url, names)
    if (folder === undefined) return
    copies.set(folder, (copies.get(folder) ?? new Set()).add(modules))
  }
  const esModules = loadedEsModules()
  if (!(esModules instanceof Error)) for (const url of esModules) saw(url, 'esm')
  for (const [url] of loadedCommonJs()) saw(url, 'cjs')
  return [...copies]
    .flatMap(([url, modules]) => {
      const manifest = manifestOf(url)
      if (manifest === undefined) return []
      return [{ ...manifest, folder: fileURLToPath(url), modules: [...modules].toSorted() }]
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** The URL of the folder of the package that a file belongs to, where it is one of these. */
function folderOf(url: string, names: ReadonlySet<string>): string | undefined {
  const at = url.lastIndexOf(marker)
  if (at < 0) return undefined
  const [scope = '', name = ''] = url.slice(at + marker.length).split('/')
  const known = scope.startsWith('@') ? `${scope}/${name}` : scope
  return names.has(known) ? url.slice(0, at + marker.length) + known : undefined
}

function manifestOf(folder: string): { name: string; version: string } | undefined {
  try {
    const { name, version } = JSON.parse(
      readFileSync(new URL(`${folder}/package.json`), 'utf8'),
    ) as { name?: unknown; version?: unknown }
    if (typeof name !== 'string') return undefined
    return { name, version: typeof version === 'string' ? version : '' }
  } catch {
    return undefined
  }
}
