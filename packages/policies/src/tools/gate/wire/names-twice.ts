/** True for JSON text in which an object names a member twice: programs read it in different ways. */
export function namesTwice(text: string, value: unknown): boolean {
  return namesIn(text) !== membersOf(value)
}

/** How many names stand in the text: strings with a colon behind them. */
function namesIn(text: string): number {
  let names = 0
  for (const [, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g))
    if (colon !== undefined) names++
  return names
}

function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const inner: readonly unknown[] = Object.values(value)
  const own = Array.isArray(value) ? 0 : inner.length
  return inner.reduce<number>((sum, one) => sum + membersOf(one), own)
}
