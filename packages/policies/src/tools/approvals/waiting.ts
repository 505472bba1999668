import { HoldfastError } from '@holdfast/core'
import type { ApprovalRecord } from '@holdfast/core/approvals'

/** One call that waits for its answer. */
export interface Waiter {
  /** Resolves when somebody has decided, here or elsewhere, or the time is over. */
  decided(signal: AbortSignal | undefined): Promise<ApprovalRecord>
  leave(): void
}

interface Entry {
  readonly check: (text: string) => Promise<string | undefined>
  wake: () => void
}

/** So often the store is asked at first, and after a while. */
const soonMs = 250
const laterMs = 1_000
const soonPolls = 40
/** So long the store may be gone while somebody waits. */
const patienceMs = 30_000

/** The calls of this process that wait. What is decided here they know at once; what is decided elsewhere, by looking. */
export class Waiting {
  readonly #look: (id: string) => Promise<ApprovalRecord>
  readonly #keepAlive: boolean
  readonly #entries = new Map<string, Entry>()
  #ended = false

  constructor(options: {
    readonly look: (id: string) => Promise<ApprovalRecord>
    readonly keepAlive: boolean
  }) {
    this.#look = options.look
    this.#keepAlive = options.keepAlive
  }

  enter(id: string, check: Entry['check']): Waiter {
    const entry: Entry = { check, wake: () => {} }
    this.#entries.set(id, entry)
    return {
      decided: (signal) => this.#decided(id, entry, signal),
      leave: () => {
        this.#entries.delete(id)
        entry.wake()
      },
    }
  }

  /** Something was decided in this process. */
  wake(id: string): void {
    this.#entries.get(id)?.wake()
  }

  /** What is wrong with arguments that were written for a call that waits here. */
  async check(id: string, argumentsText: string): Promise<string | undefined> {
    return this.#entries.get(id)?.check(argumentsText)
  }

  end(): void {
    this.#ended = true
    for (const { wake } of this.#entries.values()) wake()
  }

  async #decided(
    id: string,
    entry: Entry,
    signal: AbortSignal | undefined,
  ): Promise<ApprovalRecord> {
    let goneSinceMs: number | undefined
    for (let polls = 0; ; polls++) {
      const woken = this.#woken(entry, polls < soonPolls ? soonMs : laterMs, signal)
      try {
        const record = await this.#look(id)
        if (record.state !== 'pending') return record
        goneSinceMs = undefined
      } catch (error) {
        if (HoldfastError.is(error) && error.code !== 'STORE_UNREACHABLE') throw error
        goneSinceMs ??= performance.now()
        if (performance.now() - goneSinceMs > patienceMs) throw error
      }
      await woken
      signal?.throwIfAborted()
      if (this.#ended) {
        throw new HoldfastError(
          'APPROVAL_PENDING',
          `Holdfast was taken off while approval ${id} was waited for; the question stays`,
        )
      }
    }
  }

  /** Resolves when it is time to look again. Set up before each look, so that nothing is missed between the two. */
  #woken(entry: Entry, afterMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const timer = setTimeout(wake, afterMs)
      if (!this.#keepAlive) timer.unref()
      signal?.addEventListener('abort', wake, { once: true })
      entry.wake = wake
      if (signal?.aborted === true || this.#ended) wake()
    })
  }
}
