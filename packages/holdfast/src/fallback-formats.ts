import type {
  FallbackChains,
  FallbackOptions,
  FallbackReason,
  FallbackTarget,
  ReliabilityOptions,
} from '@holdfast/policies/reliability'
import { wire } from './wire.ts'

/** The reliability family, as applications and configuration files set it. */
export interface ReliabilitySettings extends Omit<ReliabilityOptions, 'fallback'> {
  /** Off unless targets are named. */
  readonly fallback?: false | FallbackSettings
}

/** Who takes a call over when its own target cannot answer it. */
export interface FallbackSettings extends Omit<FallbackOptions, 'to' | 'chains'> {
  /** In the order in which they are asked, for every reason that has no chain of its own. */
  readonly to?: readonly FallbackTargetSettings[]
  /** Targets for one reason, in place of `to`. */
  readonly chains?: { readonly [Reason in FallbackReason]?: readonly FallbackTargetSettings[] }
}

/** Another model, key or address; its format by name. */
export interface FallbackTargetSettings extends Omit<FallbackTarget, 'format'> {
  /**
   * The format that is spoken there: `openai-chat`, `openai-responses`, `anthropic-messages`, `gemini` … Needs `model`,
   * and `baseUrl` or a key. @default the call's own
   */
  readonly format?: string
}

/** Names of the formats that a fallback target may have. */
export function formatNames(): readonly string[] {
  return wire()
    .formats.filter((format) => format.composeRequest !== undefined)
    .map(({ name }) => name)
}

/** The options with each format in place of its name. Names were checked before. */
export function resolveFormats({ fallback, ...rest }: ReliabilitySettings): ReliabilityOptions {
  if (fallback === undefined) return rest
  if (fallback === false) return { ...rest, fallback }
  const { to = [], chains = {}, ...options } = fallback
  const chainsOf = Object.entries(chains).map(([reason, chain]) => [reason, chain.map(resolved)])
  const resolvedChains = Object.fromEntries(chainsOf) as FallbackChains
  return { ...rest, fallback: { ...options, to: to.map(resolved), chains: resolvedChains } }
}

function resolved({ format: name, ...target }: FallbackTargetSettings): FallbackTarget {
  if (name === undefined) return target
  const format = wire().formats.find((format) => format.name === name)
  return format === undefined ? target : { ...target, format }
}
