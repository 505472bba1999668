import type { Approver } from '@holdfast/core'
import type { LimitStore } from '@holdfast/core/limits'
import type { InjectionSettings } from './injection/options.ts'
import type { OutputOptions } from './output/options.ts'
import type { PermissionOptions } from './permissions/options.ts'
import type { OperationRate } from './rates/options.ts'
import type { RedactionOptions } from './redaction/options.ts'
import type { Environment } from './secrets/known-keys.ts'

/** What security policies do. Each part is off where it is false. */
export interface SecurityOptions {
  /** What is kept from models. @default secrets are cut out, high-risk personal data goes as placeholders */
  readonly redaction?: false | RedactionOptions
  /** What is done about texts that give orders to the model. @default they are observed */
  readonly injection?: false | InjectionSettings
  /** What the model may not say. @default off */
  readonly output?: false | OutputOptions
  /** Who may use which tools, models, hosts and keys. @default everybody everything */
  readonly permissions?: PermissionOptions
  /** How often somebody may do something that costs. @default as often as they like */
  readonly rates?: readonly OperationRate[]
}

/** What the policies need of the rest. */
export interface SecurityParts {
  /** Keys of the process are looked for in it. @default process.env */
  readonly environment?: Environment
  /** Placeholders are made with what it tells, where the options name no key. @default a random key */
  readonly placeholderKey?: (() => Key | Promise<Key>) | undefined
  /** Where rates are counted. @default in this process */
  readonly limitStore?: LimitStore | undefined
  /** Asks people about injected texts. Without one `ask` refuses. */
  readonly approver?: Approver | undefined
  /** Told of mistakes of ours that refused a call. */
  readonly bug?: ((error: unknown) => void) | undefined
}

/** Of placeholders: the same key makes the same ones. */
export type Key = string | Uint8Array
