const units: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** `30d`, `12h`, `5m` or `90s` in milliseconds. @throws TypeError for anything else */
export function readDuration(text: string): number {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? []
  const factor = units[unit]
  if (count === undefined || factor === undefined) {
    throw new TypeError(`${JSON.stringify(text)} is no duration; say 30d, 12h, 5m or 90s`)
  }
  return Number(count) * factor
}

/** A short time for people. */
export function shortTime(ms: number): string {
  if (ms < 1) return '<1 ms'
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  return `${Math.round(ms / 60_000)} min`
}
