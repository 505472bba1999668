import type {
  FallbackOptions,
  FallbackTarget,
  ReliabilityOptions,
} from '@holdfast/policies/reliability'
import { formats } from '@holdfast/wire'

/** The reliability family, as applications and configuration files set it. */
export interface ReliabilitySettings extends Omit<ReliabilityOptions, 'fallback'> {
  /** Off unless targets are named. */
  readonly fallback?: false | FallbackSettings
}

/** Who takes a call over when its own target cannot answer it. */
export interface FallbackSettings extends Omit<FallbackOptions, 'to'> {
  /** In the order in which they are asked. */
  readonly to: readonly FallbackTargetSettings[]
}

/** Another model, key or address; its format by name. */
export interface FallbackTargetSettings extends Omit<FallbackTarget, 'format'> {
  /**
   * The format that is spoken there: `openai-chat`, `openai-responses`, `anthropic-messages`, `gemini`. Needs `model`,
   * and `baseUrl` or a key. @default the call's own
   */
  readonly format?: string
}

/** Names of the formats that a fallback target may have. */
export const formatNames: readonly string[] = formats
  .filter(({ composeRequest }) => composeRequest !== undefined)
  .map(({ name }) => name)

/** The options with each format in place of its name. Names were checked before. */
export function resolveFormats({ fallback, ...rest }: ReliabilitySettings): ReliabilityOptions {
  if (fallback === undefined) return rest
  return { ...rest, fallback: fallback && { ...fallback, to: fallback.to.map(resolved) } }
}

function resolved({ format: name, ...target }: FallbackTargetSettings): FallbackTarget {
  const format = formats.find((format) => format.name === name)
  return format === undefined ? target : { ...target, format }
}
