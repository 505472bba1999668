import type { Environment } from './secrets/known-keys.ts'
import type { RedactionOptions } from './redaction/options.ts'

/** What security policies do. Each part is off where it is false. */
export interface SecurityOptions {
  /** What is kept from models. @default secrets are cut out, high-risk personal data goes as placeholders */
  readonly redaction?: false | RedactionOptions
}

/** What the policies need of the rest. */
export interface SecurityParts {
  /** Keys of the process are looked for in it. @default process.env */
  readonly environment?: Environment
  /** Placeholders are made with what it tells, where the options name no key. @default a random key */
  readonly placeholderKey?: (() => Key | Promise<Key>) | undefined
  /** Told of mistakes of ours that refused a call. */
  readonly bug?: ((error: unknown) => void) | undefined
}

/** Of placeholders: the same key makes the same ones. */
export type Key = string | Uint8Array
