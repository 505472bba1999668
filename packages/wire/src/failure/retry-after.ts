import type { HttpHeaders } from '@holdfast/core'
import { type JsonObject, list, object } from '../json/json.ts'

/** How long the provider says outright that one should wait: retry-after-ms, retry-after. */
export function askedDelayMs(headers: HttpHeaders): number | undefined {
  const exact = plainNumber(headers.get('retry-after-ms'))
  if (exact !== undefined) return exact
  const value = headers.get('retry-after')
  if (value === null) return undefined
  const seconds = plainNumber(value)
  return seconds === undefined ? untilMs(value, headers.get('date')) : seconds * 1000
}

/**
 * By when a used-up limit is filled up again. Of several used-up limits the last one counts;
 * where none is marked as used up, the first.
 */
export function limitResetMs(headers: HttpHeaders): number | undefined {
  const usedUp: number[] = []
  const others: number[] = []
  for (const [resetName, remainingName] of limitHeaders) {
    const reset = headers.get(resetName)
    const delayMs = reset === null ? undefined : resetMs(reset, headers.get('date'))
    if (delayMs === undefined) continue
    const remaining = headers.get(remainingName)
    const list = remaining !== null && Number(remaining) <= 0 ? usedUp : others
    list.push(delayMs)
  }
  if (usedUp.length > 0) return Math.max(...usedUp)
  return others.length > 0 ? Math.min(...others) : undefined
}

const limitHeaders: readonly (readonly [string, string])[] = [
  ...['requests', 'tokens', 'input-tokens', 'output-tokens'].map(
    (limit) =>
      [`anthropic-ratelimit-${limit}-reset`, `anthropic-ratelimit-${limit}-remaining`] as const,
  ),
  ...['requests', 'tokens'].map(
    (limit) => [`x-ratelimit-reset-${limit}`, `x-ratelimit-remaining-${limit}`] as const,
  ),
  ['x-ratelimit-reset', 'x-ratelimit-remaining'],
  ['ratelimit-reset', 'ratelimit-remaining'],
]

/** Google's RetryInfo inside an error object. */
export function bodyDelayMs(error: JsonObject): number | undefined {
  for (const detail of list(error['details'])) {
    const delay = object(detail)?.['retryDelay']
    if (typeof delay === 'string') return durationMs(delay)
    const parts = object(delay)
    if (parts) return Number(parts['seconds'] ?? 0) * 1000 + Number(parts['nanos'] ?? 0) / 1e6
  }
  return undefined
}

/**
 * What an error says in words: OpenAI's and Groq's "Please try again in 6m0s", Gemini's "Please retry in 34.07s",
 * Azure's "Please retry after 26 seconds".
 */
export function saidDelayMs(message: string): number | undefined {
  const said = saidDelay.exec(message)?.[1]
  if (said === undefined) return undefined
  const short = said
    .toLowerCase()
    .replaceAll(/\s+|,|\band\b/g, '')
    .replaceAll(/(milliseconds?|seconds?|secs?|minutes?|mins?|hours?|days?)/g, shortUnit)
  return durationMs(short)
}

const saidDelay =
  /\b(?:try again|retry) (?:in|after) ((?:\d+(?:\.\d+)?\s*(?:milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|h|days?|d)(?![a-z])(?:,?\s*(?:and\s+)?(?=\d))?)+)/i

function shortUnit(word: string): string {
  return word.startsWith('milli') ? 'ms' : word.charAt(0)
}

/** A duration as providers write it: `20ms`, `1.5s`, `6m0s`, `1h2m3s`; a bare number is seconds. */
export function durationMs(source: string): number | undefined {
  const trimmed = source.trim()
  const seconds = plainNumber(trimmed)
  if (seconds !== undefined) return seconds * 1000
  if (!/^(\d+(\.\d+)?(ms|us|µs|ns|d|h|m|s))+$/.test(trimmed)) return undefined
  let totalMs = 0
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|us|µs|ns|d|h|m|s)/g)) {
    totalMs += Number(amount) * (unitMs[unit ?? 's'] ?? 0)
  }
  return Math.ceil(totalMs)
}

const unitMs: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

function plainNumber(value: string | null): number | undefined {
  return value !== null && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined
}

/** A reset is a duration, or a time: as text, in seconds or in milliseconds since 1970. */
function resetMs(value: string, date: string | null): number | undefined {
  const plain = plainNumber(value)
  if (plain === undefined) return durationMs(value) ?? untilMs(value, date)
  if (plain > 1e12) return Math.max(0, plain - Date.now())
  if (plain > 1e9) return Math.max(0, plain * 1000 - Date.now())
  return plain * 1000
}

function untilMs(time: string, date: string | null): number | undefined {
  // Date.parse makes a date of nearly everything; the ones meant here have a time of day.
  const at = /\d:\d/.test(time) ? Date.parse(time) : Number.NaN
  if (Number.isNaN(at)) return undefined
  // The server's own clock, where it tells: then a wrong clock on this side does no harm.
  const sent = date === null ? Number.NaN : Date.parse(date)
  return Math.max(0, at - (Number.isNaN(sent) ? Date.now() : sent))
}
