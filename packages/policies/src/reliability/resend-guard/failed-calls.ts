import { createHash } from 'node:crypto'
import type { LlmCall } from '@holdfast/core'
import type { RequestsUsed } from '../call-context.ts'
import { credentialOf } from '../credential.ts'

/** What is remembered of a call that failed for good. */
export interface FailedCall<A> {
  readonly answer: A
  readonly used: RequestsUsed
  /** The call gave up waiting before it had used them all. */
  readonly deferred: boolean
  /** The provider wants no request before. */
  readonly retryAtMs: number
  /** Clients that tell nothing are recognised for so long after they were last seen. */
  windowMs: number
  expiresAtMs: number
  answers: number
}

/** The calls that failed lately, by what they asked. Bounded: the oldest goes first. */
export class FailedCalls<A> {
  readonly #max: number
  readonly #byFingerprint = new Map<string, FailedCall<A> & { readonly length: number }>()
  /** How many records there are of each body length: most calls differ there already, and need no fingerprint. */
  readonly #lengths = new Map<number, number>()

  constructor(max: number) {
    this.#max = max
  }

  find(call: LlmCall): FailedCall<A> | undefined {
    if (!this.#mayHold(call)) return undefined
    const key = fingerprint(call)
    const record = this.#byFingerprint.get(key)
    if (record === undefined || record.expiresAtMs > performance.now()) return record
    this.#remove(key)
    return undefined
  }

  add(call: LlmCall, record: FailedCall<A>): void {
    const key = fingerprint(call)
    this.#remove(key)
    const length = lengthOf(call)
    this.#byFingerprint.set(key, { ...record, length })
    this.#lengths.set(length, (this.#lengths.get(length) ?? 0) + 1)
    if (this.#byFingerprint.size > this.#max) {
      const [oldest] = this.#byFingerprint.keys()
      if (oldest !== undefined) this.#remove(oldest)
    }
  }

  delete(call: LlmCall): void {
    if (this.#mayHold(call)) this.#remove(fingerprint(call))
  }

  #mayHold(call: LlmCall): boolean {
    return this.#lengths.size > 0 && this.#lengths.has(lengthOf(call))
  }

  #remove(key: string): void {
    const record = this.#byFingerprint.get(key)
    if (record === undefined) return
    this.#byFingerprint.delete(key)
    const left = (this.#lengths.get(record.length) ?? 1) - 1
    if (left === 0) this.#lengths.delete(record.length)
    else this.#lengths.set(record.length, left)
  }
}

function lengthOf({ http }: LlmCall): number {
  return http.body?.length ?? 0
}

/** The same for the same request of the same run and account. */
function fingerprint({ http, run }: LlmCall): string {
  const hash = createHash('sha256')
  hash.update(`${run?.id ?? ''}\n${http.method} ${http.url}\n${credentialOf(http)}\n`)
  if (http.body !== undefined) hash.update(http.body)
  return hash.digest('base64')
}
