import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { startLab } from '@holdfast/lab'
import type { LabRequest, Step } from '@holdfast/lab'
import { agentScript } from './agent-script.ts'

/** A run as an interceptor saw it. */
export interface SeenRun {
  readonly id: string
  readonly session?: string
  readonly user?: string
  readonly agent?: string
  readonly parent?: SeenRun
}

/** What one scenario of an application did. */
export interface Played {
  readonly result: unknown
  /** The arguments of every tool run that really happened. */
  readonly ran: readonly unknown[]
  readonly tools: readonly {
    readonly name: string
    readonly arguments: unknown
    readonly toolCallId?: string
    readonly framework: string
    readonly run?: SeenRun
  }[]
  readonly models: readonly { readonly run?: SeenRun; readonly city?: string }[]
  /** Runs that were over by then. */
  readonly ended: readonly {
    readonly run: string
    readonly outcome: string
    readonly calls: number
    readonly session?: string
    readonly agent?: string
  }[]
}

export interface Outcome {
  readonly played: Readonly<Record<string, Played>>
  readonly report?: readonly {
    readonly adapter: string
    readonly attached: readonly string[]
    readonly failed: readonly { readonly module: string; readonly why: string }[]
  }[]
  /** Model requests that reached the provider. */
  readonly requests: readonly LabRequest[]
}

/**
 * How Holdfast comes into an application: `node --import holdfast/auto`, `holdfast/auto` imported (or required) first in
 * its file, `instrument()` after everything is loaded and the agents are built, or not at all.
 */
export type Loading = 'by --import' | 'by import' | 'late' | 'never'

export interface HowToRun {
  readonly framework: string
  readonly modules: 'esm' | 'cjs'
  readonly loading: Loading
  /** @default all of them, and then `answer` with a closed gate, `brokenModel`, and `answer` after uninstrument() */
  readonly scenarios?: readonly string[]
  readonly node?: string
  /** Where the applications are, with the framework's packages in a node_modules above. @default the folder fixtures */
  readonly applications?: string
  readonly env?: Readonly<Record<string, string>>
  readonly script?: (request: LabRequest) => Step
}

/** Runs a framework's application in a process of its own, against a lab of its own. */
export async function runApplication(how: HowToRun): Promise<Outcome> {
  const { framework, modules, loading, scenarios, script = agentScript } = how
  const { node = process.execPath, applications = fixtures } = how
  await using lab = await startLab({ script })
  const entry = modules === 'esm' ? `${framework}.mjs` : `${framework}-entry.cjs`
  const child = spawn(
    node,
    [
      '--conditions=@holdfast/source',
      '--no-warnings',
      ...flags[loading],
      join(applications, entry),
    ],
    {
      cwd: applications,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
        WHEN: { never: 'never', late: 'after' }[loading as string] ?? 'auto',
        LAB_URL: lab.baseUrls.openai,
        LAB_URLS: JSON.stringify(lab.baseUrls),
        KAIBAN_TELEMETRY_OPT_OUT: '1',
        ...(scenarios === undefined ? {} : { SCENARIOS: scenarios.join(',') }),
        ...how.env,
      },
    },
  )
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  if (code !== 0) throw new Error(`${entry} ended with ${code}: ${errors}`)
  const told = JSON.parse(output.trim().split('\n').at(-1) ?? '') as Omit<Outcome, 'requests'>
  return { ...told, requests: lab.requests.filter(({ wire }) => wire !== 'other') }
}

const flags: Readonly<Record<Loading, readonly string[]>> = {
  'by --import': ['--import', 'holdfast/auto'],
  'by import': ['--conditions=holdfast-first'],
  late: [],
  never: [],
}

/** The folder of the applications. */
export const fixtures: string = fileURLToPath(new URL('fixtures', import.meta.url))
