import { errorWord, HoldfastError } from '@holdfast/core'
import type { Failure } from '@holdfast/core'

/**
 * `error.type` of a thrown error: a Holdfast code, a system code (`ECONNRESET`, also behind fetch's "fetch failed"),
 * else the error's class.
 */
export function errorTypeOf(error: unknown): string {
  if (HoldfastError.is(error)) return error.code
  if (!(error instanceof Error)) return '_OTHER'
  return codeOf(error) ?? codeOf(error.cause) ?? errorWord(error.name) ?? '_OTHER'
}

/** `error.type` of a failure that a provider told: its own word for it, else the HTTP status. */
export function failureTypeOf({ code, type, status }: Failure): string {
  return errorWord(code) ?? errorWord(type) ?? (status === undefined ? '_OTHER' : `${status}`)
}

/** True where the caller gave up; a deadline of ours is an error with a code instead. */
export function isAbort(error: unknown, signal: AbortSignal | undefined): boolean {
  if (HoldfastError.is(error)) return false
  return signal?.aborted === true || (error instanceof Error && error.name === 'AbortError')
}

function codeOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('code' in value)) return undefined
  return errorWord(value.code)
}
