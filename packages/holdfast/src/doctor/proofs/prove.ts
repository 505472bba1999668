// One call per client, with Holdfast on, in a process of its own: what it says is whether the call was caught.
import { createRequire, registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { instrument } from '../../instrument.ts'
import type { LoadedPackage } from './loaded-packages.ts'
import { providerClients } from './provider-clients.ts'
import type { LabUrls } from './provider-clients.ts'

/** What the doctor hands over. */
export interface Proving {
  readonly clients: readonly LoadedPackage[]
  readonly urls: LabUrls
}

/** What became of the call of one copy of a client. */
export interface ClientProof {
  readonly name: string
  readonly version: string
  readonly modules: 'esm' | 'cjs'
  readonly caught: boolean
  /** Why it went by, or could not be made. */
  readonly why?: string
}

const callMs = 10_000
const { clients, urls } = JSON.parse(process.env['HOLDFAST_PROVING'] ?? '') as Proving
// The options of holdfast/auto came before: this is the same Holdfast.
const holdfast = instrument()
const countOf = (rows: readonly { readonly calls: number }[]): number =>
  rows.reduce((sum, { calls }) => sum + calls, 0)

const proofs: ClientProof[] = []
for (const { name, version, folder, modules } of clients) {
  for (const how of modules) {
    const before = holdfast.report()
    let failure: string | undefined
    try {
      const exports = how === 'esm' ? await imported(name, folder) : required(name, folder)
      await within(providerClients[name]?.(exports as Readonly<Record<string, unknown>>, urls))
    } catch (error) {
      failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    }
    const after = holdfast.report()
    const caught = countOf(after.caught) > countOf(before.caught)
    const passed = after.passing.find(
      (row) => row.calls > (before.passing.find((old) => isSame(old, row))?.calls ?? 0),
    )
    const why = caught ? undefined : (passed?.why ?? failure ?? 'the call was not seen')
    proofs.push({ name, version, modules: how, caught, ...(why === undefined ? {} : { why }) })
  }
}
process.stdout.write(`\n${JSON.stringify(proofs)}\n`)
await holdfast.uninstrument()
process.exit(0)

function isSame(
  one: { readonly host: string; readonly path: string; readonly why: string },
  other: { readonly host: string; readonly path: string; readonly why: string },
): boolean {
  return one.host === other.host && one.path === other.path && one.why === other.why
}

/** As a module beside the package would import it. */
async function imported(name: string, folder: string): Promise<unknown> {
  const parentURL = pathToFileURL(join(folder, '..', 'holdfast-doctor.mjs')).href
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, specifier === name ? { ...context, parentURL } : context),
  })
  try {
    return await import(name)
  } finally {
    hooks.deregister()
  }
}

function required(name: string, folder: string): unknown {
  return createRequire(join(folder, '..', 'holdfast-doctor.cjs'))(name)
}

async function within(work: unknown): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${callMs / 1000} s`)), callMs)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
