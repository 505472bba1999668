import type { LlmCall } from '@holdfast/core'
import { tell } from '../call-context.ts'
import { accountOf } from '../credential.ts'
import { endpointName } from '../endpoint-name.ts'
import type { Fault, FaultName } from '../faults/faults.ts'

/**
 * What a person has to mend, by endpoint and account: money, keys, names, certificates. Time heals none of it. It is
 * said once, and again only where it comes back after a call of that endpoint and account has succeeded.
 */
export class Alerts {
  readonly #raised = new Map<string, Set<FaultName>>()

  raise(call: LlmCall, fault: Fault): void {
    const account = accountOf(call)
    let faults = this.#raised.get(account)
    if (faults?.has(fault.name) === true) return
    if (faults === undefined) {
      // Bounded: whoever goes through many accounts hears of an old one again.
      if (this.#raised.size >= mostKept) this.#raised.clear()
      this.#raised.set(account, (faults = new Set()))
    }
    faults.add(fault.name)
    const endpoint = endpointName(call)
    tell(call, { type: 'alert-raised', endpoint, fault: fault.name })
    process.emitWarning(`${endpoint}: ${advice[fault.name] ?? fault.sign}`, {
      type: 'HoldfastWarning',
      code: 'HOLDFAST_ALERT',
    })
  }

  /** A call came to a good answer. */
  settle(call: LlmCall): void {
    if (this.#raised.size > 0) this.#raised.delete(accountOf(call))
  }
}

const mostKept = 1_000

const advice: { readonly [Name in FaultName]?: string } = {
  'quota-exhausted':
    'the quota or credit of this account is used up; no call succeeds until it is raised',
  billing: 'a bill of this account is open; no call succeeds until it is paid',
  unauthorized: 'the key is not accepted, or may not do this; no call succeeds until it is changed',
  'model-not-found': 'no such model, or it was taken away; name another one',
  'tls-error': 'the connection is not secure: the certificate is not accepted; nothing was sent',
}
