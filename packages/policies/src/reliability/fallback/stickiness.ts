import type { LlmCall } from '@holdfast/core'
import { accountOf } from '../credential.ts'
import type { Fault } from '../faults/faults.ts'
import type { FallbackTarget } from './target.ts'

/** Who answers in place of a first choice for a while. */
export interface StandIn {
  readonly target: FallbackTarget
  /** What was wrong with the first choice. */
  readonly fault: Fault
}

/**
 * Remembers who took over, by endpoint and account. For a while calls go there at once; then one call tries the first
 * choice again while the others stay, and its success brings them back.
 */
export class Stickiness {
  readonly #stickyMs: number
  readonly #standIns = new Map<string, StandIn & { untilMs: number; probing: boolean }>()

  constructor(stickyMs: number) {
    this.#stickyMs = stickyMs
  }

  /** Who is to be asked first in place of the call's own choice; `probe` where that choice is to be tried again. */
  standInFor(call: LlmCall): StandIn | 'probe' | undefined {
    if (this.#standIns.size === 0) return undefined
    const standIn = this.#standIns.get(accountOf(call))
    if (standIn === undefined) return undefined
    if (performance.now() < standIn.untilMs || standIn.probing) return standIn
    standIn.probing = true
    return 'probe'
  }

  /** A target answered in place of the first choice. */
  tookOver(call: LlmCall, target: FallbackTarget, fault: Fault): void {
    if (this.#stickyMs === 0) return
    const account = accountOf(call)
    if (!this.#standIns.has(account) && this.#standIns.size >= mostKept) {
      const [oldest] = this.#standIns.keys()
      if (oldest !== undefined) this.#standIns.delete(oldest)
    }
    const untilMs = performance.now() + this.#stickyMs
    this.#standIns.set(account, { target, fault, untilMs, probing: false })
  }

  /** The first choice answered; true where somebody stood in for it until now. */
  cameBack(call: LlmCall): boolean {
    return this.#standIns.size > 0 && this.#standIns.delete(accountOf(call))
  }

  /** A probe is over. Where it has decided nothing, the next call is one. */
  probed(call: LlmCall): void {
    const standIn = this.#standIns.get(accountOf(call))
    if (standIn !== undefined) standIn.probing = false
  }
}

const mostKept = 1_000
