import { env, emitWarning } from 'node:process'
import type { LlmCall, Target } from '@holdfast/core'

/** Another model, key or address for the same format. What it does not name stays. */
export interface FallbackTarget extends Target {
  readonly model?: string
  /** Environment variable that holds the key; read when it is needed. */
  readonly apiKeyEnv?: string
}

/**
 * The call for another target; undefined where it cannot go there, with a warning that says why.
 * This is where a target of another format will be prepared.
 */
export function redirect(call: LlmCall, target: FallbackTarget): LlmCall | undefined {
  const { model, provider, baseUrl, apiKeyEnv, keepKey } = target
  const apiKey = target.apiKey ?? (apiKeyEnv === undefined ? undefined : env[apiKeyEnv])
  if (apiKeyEnv !== undefined && apiKey === undefined) {
    leaveOut(target, `${apiKeyEnv} is not set`)
    return undefined
  }
  const elsewhere = provider !== undefined || baseUrl !== undefined || apiKey !== undefined
  try {
    return call.with({
      ...(model === undefined ? {} : { model }),
      ...(elsewhere ? { target: given({ provider, baseUrl, apiKey, keepKey }) } : {}),
    })
  } catch (error) {
    // The failure that the caller has to see is the provider's, not this one.
    leaveOut(target, `the request cannot be written for it: ${String(error)}`)
    return undefined
  }
}

function given(target: { [Name in keyof Target]: Target[Name] | undefined }): Target {
  return Object.fromEntries(Object.entries(target).filter(([, value]) => value !== undefined))
}

const warned = new Set<string>()

function leaveOut({ model, baseUrl, provider }: FallbackTarget, why: string): void {
  const name = [provider, model, baseUrl].filter((part) => part !== undefined).join(' ')
  const warning = `The fallback to ${name || 'another key'} is left out: ${why}`
  if (warned.has(warning)) return
  warned.add(warning)
  emitWarning(warning, { type: 'HoldfastWarning', code: 'HOLDFAST_FALLBACK' })
}
