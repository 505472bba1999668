import type { Cell, Keeper } from './cell.ts'
import type { Work } from './conversation.ts'
import type { Point } from './points.ts'

/** What a process of an agent is told, as JSON in its environment. */
export interface Job extends JobVariant {
  readonly runId: string
  readonly cell: Cell
  readonly keeper: Keeper
  readonly work: Work
  /** The provider: every run has an address of its own. */
  readonly providerUrl: string
  /** The file of the tools, outside of every journal. */
  readonly truthFile: string
  /** The journal's database file, or the address of its Redis. */
  readonly storeAt: string
  /** A process that dies with this one: the one that started it. */
  readonly diesWith?: number
}

/** What may differ between two processes of the same run. */
export interface JobVariant {
  /** Where the process kills itself, or stops, and at which time of coming there, from 1. */
  readonly dieAt?: {
    readonly point: Point
    readonly time: number
    /** @default 'KILL' */
    readonly signal?: 'KILL' | 'STOP'
  }
  /** What the agent is told to do. @default the same for all */
  readonly instructions?: string
  /** How the plain OpenAI agent describes its tool. @default the same for all */
  readonly toolDescription?: string
  /** @default 300, short enough that runs of half a second renew their lease */
  readonly leaseMs?: number
  readonly divergence?: 'fork' | 'strict' | 'warn'
}

/** The variable that carries the job. */
export const jobVariable = 'HOLDFAST_CRASH_JOB'

/** The job of this process. */
export function readJob(): Job {
  return JSON.parse(process.env[jobVariable] ?? '') as Job
}
