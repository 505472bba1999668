import { hash } from 'node:crypto'
import { HoldfastError } from '@holdfast/core'
import type { ErrorCode, Interceptor, LlmCall } from '@holdfast/core'
import { Recent } from './recent.ts'

const ours: ReadonlySet<ErrorCode> = new Set(['CAP_REACHED', 'LOOP_DETECTED', 'REPLY_REJECTED'])
/** The layers above try again within seconds. */
const rememberedMs = 10_000
const mostRemembered = 1_000

/**
 * SDKs take a refusal for a broken connection and send the call again. They hear the same then: no model is asked once
 * more, nobody is bothered twice, and nothing is counted.
 */
export function sameRefusal(): Interceptor {
  const refusals = new Recent<{ readonly error: HoldfastError; readonly untilMs: number }>(
    mostRemembered,
  )
  let lastUntilMs = 0
  return async function sameRefusal(call, next) {
    const now = performance.now()
    if (now < lastUntilMs) {
      const known = refusals.get(keyOf(call))
      // A cap may have room again, for whoever asks anew.
      const holds = call.resend > 0 || known?.error.code !== 'CAP_REACHED'
      if (known !== undefined && now < known.untilMs && holds) throw known.error
    }
    try {
      return await next(call)
    } catch (error) {
      if (HoldfastError.is(error) && ours.has(error.code)) {
        lastUntilMs = performance.now() + rememberedMs
        refusals.set(keyOf(call), { error, untilMs: lastUntilMs })
      }
      throw error
    }
  }
}

function keyOf({ run, http: { url, body = '' } }: LlmCall): string {
  return `${run?.id ?? ''} ${url} ${hash('sha256', body)}`
}
