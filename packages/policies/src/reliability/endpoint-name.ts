import type { LlmCall } from '@holdfast/core'

/** How events and messages call where a request goes: `openai/gpt-5 at api.openai.com`. */
export function endpointName({ provider, host, model }: LlmCall): string {
  return provider === host ? `${host}/${model}` : `${provider}/${model} at ${host}`
}
