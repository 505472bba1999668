import type { RecallHit } from '../recall/rank.ts'
import { termsOf } from '../recall/terms.ts'
import { isNegative } from './statement.ts'

interface Recalled {
  readonly terms: ReadonlySet<string>
  readonly negative: boolean
}

/** A conversation, or where it has none a user's calls. */
const mostScopes = 1_000
const mostPerScope = 100
/** So much of what is said has to have been recalled. */
const sameShare = 0.85

/**
 * What was recalled in each conversation lately. What an agent then says of it is an echo: learnt again, every recall
 * would make a memory stronger, and a mistake would stay for ever.
 */
export class RecalledLately {
  readonly #scopes = new Map<string, Recalled[]>()

  add(scope: string, hits: readonly RecallHit[]): void {
    const recalled = this.#scopes.get(scope) ?? []
    this.#scopes.delete(scope)
    for (const { memory } of hits) {
      recalled.push({ terms: new Set(termsOf(memory.text)), negative: isNegative(memory.text) })
    }
    this.#scopes.set(scope, recalled.slice(-mostPerScope))
    if (this.#scopes.size > mostScopes) {
      const [oldest] = this.#scopes.keys()
      if (oldest !== undefined) this.#scopes.delete(oldest)
    }
  }

  has(scope: string, text: string): boolean {
    const terms = new Set(termsOf(text))
    const negative = isNegative(text)
    return (this.#scopes.get(scope) ?? []).some((one) => {
      let common = 0
      for (const term of terms) if (one.terms.has(term)) common++
      return one.negative === negative && common / terms.size >= sameShare
    })
  }

  forget(): void {
    this.#scopes.clear()
  }
}
