import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { startLab } from '@holdfast/lab'
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
  readonly requests: number
}

export interface HowToRun {
  readonly framework: string
  readonly modules: 'esm' | 'cjs'
  /** When `instrument()` is called: before the framework is loaded, after the agents were built, or not at all. */
  readonly when: 'before' | 'after' | 'never'
  /** @default all of them */
  readonly scenarios?: readonly string[]
  /** Refuses every tool instead of running it. */
  readonly gate?: 'closed'
  /** A scenario to play once more after uninstrument(). */
  readonly afterwards?: string
  readonly node?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a framework's application in a process of its own, against a lab of its own. */
export async function runApplication(how: HowToRun): Promise<Outcome> {
  await using lab = await startLab({ script: agentScript })
  const { framework, modules, when, scenarios, gate, afterwards, node = process.execPath } = how
  const preload =
    modules === 'esm' && when === 'before' ? ['--import', fixtureUrl('preload.mjs')] : []
  const entry = modules === 'esm' ? `${framework}.mjs` : `${framework}-entry.cjs`
  const child = spawn(
    node,
    [
      '--conditions=@holdfast/source',
      '--no-warnings',
      ...preload,
      fileURLToPath(fixtureUrl(entry)),
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        WHEN: when,
        LAB_URL: lab.baseUrls.openai,
        KAIBAN_TELEMETRY_OPT_OUT: '1',
        ...(scenarios === undefined ? {} : { SCENARIOS: scenarios.join(',') }),
        ...(gate === undefined ? {} : { GATE: gate }),
        ...(afterwards === undefined ? {} : { AFTERWARDS: afterwards }),
        ...how.env,
      },
    },
  )
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  if (code !== 0) throw new Error(`${entry} ended with ${code}: ${errors}`)
  const told = JSON.parse(output.trim().split('\n').at(-1) ?? '') as Omit<Outcome, 'requests'>
  return { ...told, requests: lab.requests.filter(({ wire }) => wire !== 'other').length }
}

function fixtureUrl(name: string): string {
  return new URL(`fixtures/${name}`, import.meta.url).href
}
