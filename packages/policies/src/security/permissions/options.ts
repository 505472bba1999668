import type { Globs } from './globs.ts'

/** Who may use what. */
export interface PermissionOptions {
  /** Where this process runs. @default HOLDFAST_ENV, else NODE_ENV, else development */
  readonly environment?: string
  /**
   * Which provider keys belong to which environment: the beginning of a key (`sk-live-`), or `sha256:` and at least 12
   * characters of its SHA-256 in hexadecimal. A key of another environment is refused; one that stands nowhere passes.
   */
  readonly keys?: Readonly<Record<string, readonly string[]>>
  /** All rules that fit a call count, and each has to let it pass. */
  readonly rules?: readonly PermissionRule[]
}

/** Whom a rule is about, and what they may use. `*` in a name stands for anything. */
export interface PermissionRule {
  /** Appears in decisions. */
  readonly name: string
  readonly agent?: Globs
  readonly user?: Globs
  readonly tenant?: Globs
  readonly environment?: Globs
  /** By name, or by class: `class:exec`. */
  readonly tools?: AccessList
  readonly models?: AccessList
  /** Hosts of model providers, with or without their port. */
  readonly hosts?: AccessList
}

/** What is denied is denied; where something is allowed, everything else is denied too. */
export interface AccessList {
  readonly allow?: readonly string[]
  readonly deny?: readonly string[]
}
