/** Headers that a request to a model carries its key in. */
export const keyHeaders: readonly string[] = [
  'authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
]

/** The key in such a header. */
export function keyOf(value: string): string {
  return /^(?:bearer|basic|token)\s+(\S+)$/i.exec(value)?.[1] ?? value
}
