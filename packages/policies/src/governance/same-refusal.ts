import { hash } from 'node:crypto'
import { HoldfastError } from '@holdfast/core'
import type { ErrorCode, LlmCall } from '@holdfast/core'
import type { Observer } from '../observing.ts'
import { Recent } from '../recent.ts'

/** Refusals that are given once more to a call that is sent again. */
export interface SameRefusalOptions {
  /** @default those of governance */
  readonly codes?: ReadonlySet<ErrorCode>
  /** Of these, the ones that only hold for what layers above send again: whoever asks anew is looked at anew. */
  readonly untilAskedAnew?: ReadonlySet<ErrorCode>
}

const ours: ReadonlySet<ErrorCode> = new Set(['CAP_REACHED', 'LOOP_DETECTED', 'REPLY_REJECTED'])
// A cap may have room again.
const mayChange: ReadonlySet<ErrorCode> = new Set(['CAP_REACHED'])
/** The layers above try again within seconds. */
const rememberedMs = 10_000
const mostRemembered = 1_000

/**
 * SDKs take a refusal for a broken connection and send the call again. They hear the same then: no model is asked once
 * more, nobody is bothered twice, and nothing is counted.
 */
export function sameRefusal({
  codes = ours,
  untilAskedAnew = mayChange,
}: SameRefusalOptions = {}): Observer {
  const refusals = new Recent<{ readonly error: HoldfastError; readonly untilMs: number }>(
    mostRemembered,
  )
  let lastUntilMs = 0
  return function sameRefusal(call) {
    if (lastUntilMs > 0) {
      const now = performance.now()
      const known = now < lastUntilMs ? refusals.get(keyOf(call)) : undefined
      if (known !== undefined && now < known.untilMs) {
        if (call.resend > 0 || !untilAskedAnew.has(known.error.code)) throw known.error
      }
    }
    return {
      failed(error) {
        if (!HoldfastError.is(error) || !codes.has(error.code)) return
        lastUntilMs = performance.now() + rememberedMs
        refusals.set(keyOf(call), { error, untilMs: lastUntilMs })
      },
    }
  }
}

function keyOf({ run, http: { url, body = '' } }: LlmCall): string {
  return `${run?.id ?? ''} ${url} ${hash('sha256', body)}`
}
