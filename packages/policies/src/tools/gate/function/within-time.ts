import { HoldfastError } from '@holdfast/core'
import type { KnownTool } from '../known-tools.ts'

/** The work of a tool, given up when its time is over; nobody can stop the function itself. */
export function withinTime<T>(
  { name, declaration }: KnownTool,
  work: () => Promise<T>,
): Promise<T> {
  const timeoutMs = declaration?.timeoutMs
  if (timeoutMs === undefined) return work()
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      const message = `tool ${name} gave no result within ${timeoutMs} ms; it may still take effect, so look before calling it again`
      reject(new HoldfastError('CALL_TIMED_OUT', message))
    }, timeoutMs)
    work()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer))
  })
}
