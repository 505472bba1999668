import type { Subjects } from './subjects.ts'

/** Milliseconds of this thread's own work, so that other processes of the machine do not count. */
export function workMs(action: () => unknown): number {
  const usage = (process as { threadCpuUsage?: () => { user: number; system: number } })
    .threadCpuUsage
  if (usage === undefined) {
    const start = performance.now()
    action()
    return performance.now() - start
  }
  const before = usage.call(process)
  action()
  const after = usage.call(process)
  return (after.user - before.user + after.system - before.system) / 1000
}

/** The least of several rounds: what the work costs, without what came between. */
export function bestOf(rounds: number, action: () => unknown): number {
  return Math.min(...Array.from({ length: rounds }, () => workMs(action)))
}

/** The least wall-clock time of several rounds; its clock is fine enough for microseconds. */
export function bestWallMs(rounds: number, action: () => unknown): number {
  return Math.min(
    ...Array.from({ length: rounds }, () => {
      const start = performance.now()
      action()
      return performance.now() - start
    }),
  )
}

/** The value below which a share of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/** Texts of 100 kB that are made to be slow for patterns, parsers and walkers. */
export function slowTexts(): ReadonlyMap<string, string> {
  const of = (piece: string, length = 100_000) =>
    piece.repeat(Math.ceil(length / piece.length)).slice(0, length)
  return new Map([
    ['one letter', of('a')],
    ['one digit', of('1')],
    ['digits in groups', of('1234567890 ')],
    ['digits with dashes', of('123-45-6789-')],
    ['phone numbers', of('+1 415 555 0132 ')],
    ['beginnings of IBANs', of('DE89 3704 ')],
    ['at signs', of('a@')],
    ['dots', of('a.')],
    ['colons', of('::1:')],
    ['slashes', of('../')],
    ['percent signs', of('%25')],
    ['backslashes', of('\\')],
    ['words of keys', of('api_key: token password = secret ')],
    ['beginnings of keys', of('sk-ant-api03-AIzaghp_xoxb-')],
    ['providers', of('adafruit airtable facebook fastly heroku okta twitter yandex = ')],
    ['base64', of('eyJhbGciOiJIUzI1NiJ9.')],
    ['schemes', of('http://a:')],
    ['private keys', of('-----BEGIN PRIVATE KEY-----')],
    ['brackets', of('(')],
    ['braces', of('{a,')],
    ['dollars', of('$(')],
    ['quotes', of(`'"`)],
    ['here-documents', of('<<A ')],
    ['pipes', of('a|')],
    ['commands', of('rm -rf /;')],
    ['assignments', of('a=$a$a;')],
    ['comments', of('/*')],
    ['statements', of('SELECT (')],
    ['orders', of('ignore all previous ')],
    ['tags', of('<!-- ')],
    ['addresses to the model', of('note to the ')],
    ['zero-width characters', of('\u200ba')],
    ['lists', of('WITH a(b),')],
    ['calls', of('SELECT f(1),')],
    ['options of curl', of('curl -u a:b ')],
    ['patterns of files', of('cat a* ')],
    ['nested assignments', of('a=$(')],
    ['combining marks', of('e\u0301')],
  ])
}

/** Everything that takes a text, by name. */
export function takers(all: Subjects): ReadonlyMap<string, (text: string) => unknown> {
  return new Map<string, (text: string) => unknown>([
    ['shell', all.shell],
    ['url', all.url],
    ['path', all.path],
    ['sql', all.sql],
    ['secrets', all.secret],
    ['personal data', all.personalData],
    ['injection', (text) => all.injection(text, false)],
    [
      'tool class',
      (text) => all.toolClass(JSON.stringify({ name: text, description: text, parameters: {} })),
    ],
  ])
}
