import { env, emitWarning } from 'node:process'
import type { LlmCall, Target } from '@holdfast/core'

/** Another model, key or address for the same format. What it does not name stays. */
export interface FallbackTarget extends Target {
  readonly model?: string
  /** Environment variable that holds the key; read when it is needed. */
  readonly apiKeyEnv?: string
}

/**
 * The call for another target; undefined where it cannot go there.
 * This is where a target of another format will be prepared.
 */
export function redirect(call: LlmCall, target: FallbackTarget): LlmCall | undefined {
  const { model, provider, baseUrl, apiKeyEnv } = target
  const apiKey = target.apiKey ?? (apiKeyEnv === undefined ? undefined : env[apiKeyEnv])
  if (apiKeyEnv !== undefined && apiKey === undefined) {
    emitWarning(
      `The fallback to ${model ?? baseUrl ?? provider} is left out: ${apiKeyEnv} is not set`,
      {
        type: 'HoldfastWarning',
        code: 'HOLDFAST_FALLBACK_KEY',
      },
    )
    return undefined
  }
  const elsewhere = provider !== undefined || baseUrl !== undefined || apiKey !== undefined
  return call.with({
    ...(model === undefined ? {} : { model }),
    ...(elsewhere
      ? {
          target: {
            ...(provider === undefined ? {} : { provider }),
            ...(baseUrl === undefined ? {} : { baseUrl }),
            ...(apiKey === undefined ? {} : { apiKey }),
          },
        }
      : {}),
  })
}

/** How events call a target: `openai/gpt-5`, with the host where that says more. */
export function nameOfTarget({ provider, host, model }: LlmCall): string {
  return provider === host ? `${host}/${model}` : `${provider}/${model} at ${host}`
}
