import { present } from '@holdfast/core'
import type { LlmCall, Target } from '@holdfast/core'

/** Another model, key or address, in the same format or in another one. What it does not name stays. */
export interface FallbackTarget extends Target {
  /** Has to be named where the format is another one. */
  readonly model?: string
  /** Environment variable that holds the key; read when it is needed. */
  readonly apiKeyEnv?: string
}

/**
 * What happens to a target that cannot be told all of a request, because it speaks another format: with `refuse` it is
 * left out where the model would be asked something else without what is missing; with `warn` it is asked all the same.
 */
export type OnLoss = 'warn' | 'refuse'

/** The call for another target; undefined where it cannot go there, with a warning that says why. */
export function redirect(
  call: LlmCall,
  target: FallbackTarget,
  onLoss: OnLoss = 'refuse',
): LlmCall | undefined {
  const { format, model, provider, baseUrl, apiKeyEnv, keepKey } = target
  const apiKey = target.apiKey ?? (apiKeyEnv === undefined ? undefined : process.env[apiKeyEnv])
  if (apiKeyEnv !== undefined && apiKey === undefined) {
    return leaveOut(target, `${apiKeyEnv} is not set`)
  }
  const missing =
    format === undefined || format === call.format ? undefined : unmet(call, target, apiKey)
  if (missing !== undefined) return leaveOut(target, missing)
  const elsewhere = format ?? provider ?? baseUrl ?? apiKey
  try {
    const other = call.with({
      ...(model === undefined ? {} : { model }),
      ...(elsewhere === undefined
        ? {}
        : { target: present({ format, provider, baseUrl, apiKey, keepKey }) }),
    })
    const lost = other.losses.find(({ severity }) => severity === 'meaning')
    if (lost === undefined || onLoss === 'warn') return other
    return leaveOut(target, `${other.format.name} has no word for ${lost.what} (${lost.where})`)
  } catch (error) {
    // The failure that the caller has to see is the provider's, not this one.
    return leaveOut(target, `the request cannot be written for it: ${String(error)}`)
  }
}

/** What a target of another format does not say, or the call's own format cannot. */
function unmet(
  call: LlmCall,
  { format, model, baseUrl }: FallbackTarget,
  apiKey: string | undefined,
): string | undefined {
  if (model === undefined) return 'a target of another format has to name its model'
  if (apiKey === undefined && baseUrl === undefined) return 'it has no key'
  if (format?.composeRequest === undefined) return `${format?.name} is only read`
  if (call.format.replyWriter === undefined) return `${call.format.name} is only read`
  return undefined
}

const warned = new Set<string>()

function leaveOut({ model, baseUrl, provider }: FallbackTarget, why: string): undefined {
  const name = [provider, model, baseUrl].filter((part) => part !== undefined).join(' ')
  const warning = `The fallback to ${name || 'another key'} is left out: ${why}`
  if (warned.has(warning)) return undefined
  warned.add(warning)
  process.emitWarning(warning, { type: 'HoldfastWarning', code: 'HOLDFAST_FALLBACK' })
  return undefined
}
