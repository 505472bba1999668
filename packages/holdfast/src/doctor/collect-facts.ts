import { existsSync } from 'node:fs'
import { HoldfastError } from '@holdfast/core'
import { journal } from '@holdfast/journal'
import { effectiveOptions } from '../config/effective-options.ts'
import { findConfigFile } from '../config/find-config-file.ts'
import { shownOptions } from '../config/shown-options.ts'
import { namedKeys, openJournalStore } from '../journal/open-journal.ts'
import type { HoldfastOptions } from '../options.ts'
import { proveClients } from './proofs/prove-clients.ts'
import { providerClients } from './proofs/provider-clients.ts'
import type { LoadedPackage } from './proofs/loaded-packages.ts'
import type { DoctorFacts, ProcessFacts, SeenCalls, SeenTool } from './facts.ts'
import { environmentFiles, isRedis, journalPlace, setupFiles } from './look-at-files.ts'
import { readJournal } from './read-journal.ts'
import type { JournalFacts } from './read-journal.ts'

export interface Collecting {
  readonly folder: string
  /** What the threads of the application's processes have told; empty where it was not run. */
  readonly processes: readonly ProcessFacts[]
}

const nothing: JournalFacts = {
  tools: [],
  calls: {
    calls: 0,
    withoutRun: 0,
    withoutUser: 0,
    withoutAgent: 0,
    withoutPromptVersion: undefined,
  },
}

/** All that can be known of a set-up without changing it: configuration, environment, files, journal, and the application where it was run. */
export async function collectFacts({ folder, processes }: Collecting): Promise<DoctorFacts> {
  const [first] = processes
  const configured = effectiveOptions(undefined)
  const options = first?.options ?? shownOptions(configured)
  let journaled = nothing
  let journalProblem: string | undefined
  try {
    if (first === undefined) journaled = await fromJournal(folder, configured)
  } catch (error) {
    if (!HoldfastError.is(error)) throw error
    journalProblem = error.message
  }
  return {
    options,
    journalProblem,
    optionsFrom:
      first !== undefined
        ? 'the application'
        : findConfigFile() === undefined
          ? 'the defaults'
          : 'the configuration file',
    environment: new Set(
      Object.entries(process.env).flatMap(([name, value]) => ((value ?? '') === '' ? [] : [name])),
    ),
    processes,
    proofs: await proveClients(clientsOf(processes)),
    tools: mergedTools([...journaled.tools, ...processes.flatMap(({ tools }) => tools)]),
    calls:
      processes.length > 0 ? processes.map(({ calls }) => calls).reduce(sumOf) : journaled.calls,
    processCount: new Set(processes.map(({ pid }) => pid)).size,
    hasOpenTelemetry: processes.some(({ hasOpenTelemetry }) => hasOpenTelemetry),
    files: setupFiles(folder, options),
    environmentFiles: environmentFiles(folder),
  }
}

async function fromJournal(folder: string, options: HoldfastOptions): Promise<JournalFacts> {
  const place = journalPlace(folder, options)
  // Looking makes no file.
  if (place === undefined || (!isRedis(place) && !existsSync(place))) return nothing
  const encryption = namedKeys()
  const opened = journal({
    store: openJournalStore(place),
    keepMs: Infinity,
    ...(encryption === undefined ? {} : { encryption }),
  })
  try {
    return await readJournal(opened.runs)
  } finally {
    await opened.close()
  }
}

/** Each copy once, however many processes have loaded it. */
function clientsOf(processes: readonly ProcessFacts[]): readonly LoadedPackage[] {
  const copies = new Map<string, LoadedPackage>()
  for (const found of processes.flatMap(({ packages }) => packages)) {
    if (!(found.name in providerClients)) continue
    const modules = new Set([...(copies.get(found.folder)?.modules ?? []), ...found.modules])
    copies.set(found.folder, { ...found, modules: [...modules].toSorted() })
  }
  return [...copies.values()]
}

function mergedTools(tools: readonly SeenTool[]): readonly SeenTool[] {
  const merged = new Map<string, SeenTool>()
  for (const tool of tools) {
    const before = merged.get(tool.name)
    merged.set(tool.name, {
      ...before,
      ...tool,
      ran: (before?.ran ?? 0) + tool.ran,
      isDeclared: (before?.isDeclared ?? false) || tool.isDeclared,
    })
  }
  return [...merged.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function sumOf(a: SeenCalls, b: SeenCalls): SeenCalls {
  return {
    calls: a.calls + b.calls,
    withoutRun: a.withoutRun + b.withoutRun,
    withoutUser: a.withoutUser + b.withoutUser,
    withoutAgent: a.withoutAgent + b.withoutAgent,
    withoutPromptVersion: (a.withoutPromptVersion ?? 0) + (b.withoutPromptVersion ?? 0),
  }
}
