import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Loading } from './run-application.ts'

/** One way in which an application and Holdfast meet. */
export interface Cell {
  readonly modules: 'esm' | 'cjs'
  readonly loading: Loading
  /** A major version of Node. */
  readonly node: string
}

const modules = ['esm', 'cjs'] as const
const loadings = ['by --import', 'by import', 'late'] as const
const nodes = ['22', '24', '26'] as const

/** All of them. */
export const allCells: readonly Cell[] = modules.flatMap((system) =>
  loadings.flatMap((loading) => nodes.map((node) => ({ modules: system, loading, node }))),
)

/** Each module system with each loading, and each of both with each Node but one: enough for every day. */
export const fewCells: readonly Cell[] = modules.flatMap((system, row) =>
  loadings.map((loading, column) => ({
    modules: system,
    loading,
    node: nodes[(column + row + 1) % nodes.length]!,
  })),
)

/** A Node of that major version; undefined where the workspace has none for this machine. */
export function nodeOf(version: string): string | undefined {
  const path = fileURLToPath(new URL(`../node_modules/node-${version}/bin/node`, import.meta.url))
  return existsSync(path) ? path : undefined
}
