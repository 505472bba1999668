import type { ApprovalBinding } from '@holdfast/core'

const mostGrants = 1000

/** Approvals that the wire gate has used up itself, for the function gate of the same process: each is good once. */
export class Grants {
  readonly #waiting = new Map<string, number>()

  give(binding: ApprovalBinding): void {
    const key = keyOf(binding)
    const before = this.#waiting.get(key) ?? 0
    this.#waiting.delete(key)
    this.#waiting.set(key, before + 1)
    if (this.#waiting.size > mostGrants) {
      const [oldest] = this.#waiting.keys()
      if (oldest !== undefined) this.#waiting.delete(oldest)
    }
  }

  /** True once for each that was given. */
  take(binding: ApprovalBinding): boolean {
    const key = keyOf(binding)
    const count = this.#waiting.get(key) ?? 0
    if (count > 1) this.#waiting.set(key, count - 1)
    else this.#waiting.delete(key)
    return count > 0
  }
}

function keyOf({ runId, tool, argumentsHash }: ApprovalBinding): string {
  return JSON.stringify([runId, tool, argumentsHash])
}
