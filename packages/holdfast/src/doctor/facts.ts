import type { ShownOptions } from '../config/shown-options.ts'
import type { Report } from '../report.ts'
import type { LoadedPackage } from './proofs/loaded-packages.ts'
import type { ClientProof } from './proofs/prove.ts'

/** A tool, as a model was told of it or as it ran. */
export interface SeenTool {
  readonly name: string
  readonly description?: string | undefined
  /** JSON Schema of the arguments, where a request had it. */
  readonly parameters?: unknown
  /** How often it ran, where that was seen. */
  readonly ran: number
  /** It says by itself what is to be done when it was cut off. */
  readonly isDeclared: boolean
}

/** Counted over the calls that were seen. */
export interface SeenCalls {
  readonly calls: number
  readonly withoutRun: number
  readonly withoutUser: number
  readonly withoutAgent: number
  /** Undefined where nobody could see it: the journal does not keep it. */
  readonly withoutPromptVersion: number | undefined
}

/** A process of the application under Holdfast, or a thread of one, as it tells of itself. */
export interface ProcessFacts {
  readonly pid: number
  readonly options: ShownOptions
  readonly tools: readonly SeenTool[]
  readonly calls: SeenCalls
  /** Somebody has set OpenTelemetry up. */
  readonly hasOpenTelemetry: boolean
  /** Provider clients and frameworks that it has loaded as modules of their own. */
  readonly packages: readonly LoadedPackage[]
  readonly report: Report
}

/** A file that holds what was said, or a key. */
export interface SeenFile {
  readonly path: string
  /** What it is, for people: `the journal`. */
  readonly what: string
  readonly mode: number
  /** It holds what agents said, or what they may not change. */
  readonly isOurs: boolean
}

/** The values that a file of one environment gives to names, by their hash. */
export interface EnvironmentFile {
  readonly path: string
  /** `production`, or empty for `.env`. */
  readonly environment: string
  /** Names of keys, and a hash of each value. */
  readonly keys: Readonly<Record<string, string>>
}

/** What is known of a set-up. Checks look at nothing else. */
export interface DoctorFacts {
  /** Effective options: of the application where it was run, else of the configuration file. */
  readonly options: ShownOptions
  readonly optionsFrom: 'the application' | 'the configuration file' | 'the defaults'
  /** Why the journal could not be looked at: another key, a Redis that is away. */
  readonly journalProblem?: string | undefined
  /** Which variables are set, without their values. */
  readonly environment: ReadonlySet<string>
  /** The processes that were started, where the application was run. */
  readonly processes: readonly ProcessFacts[]
  /** What became of one call of each provider client that they have loaded. */
  readonly proofs: readonly ClientProof[]
  readonly tools: readonly SeenTool[]
  readonly calls: SeenCalls
  /** Processes that wrote the newest runs of the journal, or that were seen. */
  readonly processCount: number
  readonly hasOpenTelemetry: boolean
  readonly files: readonly SeenFile[]
  readonly environmentFiles: readonly EnvironmentFile[]
}

/** What stands at a place in the options: `governance.caps`. */
export function optionAt(options: object, place: string): unknown {
  let value: unknown = options
  for (const step of place.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Reflect.get(value, step)
  }
  return value
}
