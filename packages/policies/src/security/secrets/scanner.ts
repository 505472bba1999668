import { type WordSearch, wordSearch } from '../keys/word-search.ts'
import { type TextFinding, withoutOverlaps } from '../text-finding.ts'
import { assignedSecrets, headerSecrets, urlPasswords } from './assignments.ts'
import { keysIn, knownKeys } from './known-keys.ts'
import { hasLongWord } from './long-word.ts'
import { entropyOf, isPlaceholder } from './placeholder.ts'
import { type ProviderRule, providerRules } from './provider-rules.ts'

/** What counts as a secret. */
export interface SecretOptions {
  /** The environment whose keys are looked for by value; always on. @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** More values that nobody may see. */
  readonly values?: readonly string[]
  /** Texts that look like secrets and are none. */
  readonly allow?: readonly RegExp[]
}

/** Finds secrets in texts. */
export interface SecretScanner {
  /** The places of secrets, in order and without overlaps. */
  scan(text: string): readonly TextFinding[]
  /** False for a text that holds none, whatever is around it; quotes may have a backslash. Costs less than a scan. */
  mayFind(text: string): boolean
}

interface CompiledRule {
  readonly id: string
  readonly entropy: number
  readonly group: number | undefined
  readonly keywords: readonly string[]
  readonly allow: readonly Re2[]
  readonly pattern: Re2
}

interface Re2 {
  matcher(text: string): {
    find(start?: number): boolean
    group(index?: number): string | null
    start(index?: number): number
    end(index?: number): number
    groupCount(): number
  }
}

// A text may hold every word of every rule ten thousand times. Patterns get this many characters of it to look at;
// past that, whatever is long and random counts as a secret: too much is hidden rather than too little.
const mostCharacters = 12_000

/** Loads the rules, once per process, and answers with a scanner. */
export async function secretScanner(options: SecretOptions = {}): Promise<SecretScanner> {
  const { rules, words, otherWords, isProvider } = await knownRules()
  const keys = knownKeys(options.environment ?? process.env, options.values)
  return {
    mayFind: (text) =>
      keys.length > 0 || hasLongWord(text) || otherWords.seenIn(text) !== undefined,
    scan(text) {
      const own = keysIn(text, keys)
      if (text.length < 8) return withoutOverlaps(own)
      const seen = (hasLongWord(text) ? words : otherWords).seenIn(text)
      if (seen === undefined) return withoutOverlaps(own)
      const { places, providers, assigned, headers } = seen
      const found = [...own, ...byProviders(text, providers), ...urlPasswords(text)]
      if (headers) found.push(...headerSecrets(text))
      found.push(...byGitleaks(text, rules, places))
      if (assigned)
        found.push(
          ...assignedSecrets(text, isProvider).filter(
            ({ start, end }) => !isMalformed(text.slice(start, end)),
          ),
        )
      if (found.length === 0) return found
      const allow = options.allow ?? []
      return withoutOverlaps(
        allow.length === 0
          ? found
          : found.filter(
              ({ kind, start, end }) =>
                kind === 'secret.own-key' ||
                !allow.some((pattern) => pattern.test(text.slice(start, end))),
            ),
      )
    },
  }
}

/** Which words of rules a text holds; a rule whose words are not there need not be tried. */
interface SeenWords {
  /** Where the words of each rule of gitleaks stand, by the rule's place. */
  readonly places: ReadonlyMap<number, readonly number[]>
  readonly providers: readonly ProviderRule[]
  /** A name that says secret. */
  readonly assigned: boolean
  /** A header or a command that carries credentials. */
  readonly headers: boolean
}

interface Words {
  /** Undefined for a text without any word of a rule. */
  seenIn(text: string): SeenWords | undefined
}

// What each name that says secret holds, and each header or command that carries one.
const namesOfSecrets = ['passw', 'passphrase', 'pwd', 'secret', 'token', 'key', 'credential']
const namesOfHeaders = ['authorization', 'key', 'token', 'curl', 'wget', 'http']
const anyUrl = ['://']
function wordsOf(rules: readonly CompiledRule[], ofProviders: readonly ProviderRule[]): Words {
  const numbers = new Map<string, number>()
  const numberOf = (word: string): number => {
    const lower = word.toLowerCase()
    const known = numbers.get(lower) ?? numbers.size
    numbers.set(lower, known)
    return known
  }
  const rulesOf: number[][] = []
  for (const [index, { keywords }] of rules.entries())
    for (const keyword of keywords) (rulesOf[numberOf(keyword)] ??= []).push(index)
  const providersOf: { readonly rule: ProviderRule; readonly near: string }[][] = []
  for (const rule of ofProviders)
    for (const near of rule.near) (providersOf[numberOf(near)] ??= []).push({ rule, near })
  const assigned = new Set(namesOfSecrets.map(numberOf))
  const headers = new Set(namesOfHeaders.map(numberOf))
  for (const word of anyUrl) numberOf(word)
  const search: WordSearch = wordSearch([...numbers.keys()])
  return {
    seenIn(text) {
      let seen: Map<number, number[]> | undefined
      search(text, (word, start) => {
        seen ??= new Map()
        const starts = seen.get(word)
        if (starts === undefined) seen.set(word, [start])
        else starts.push(start)
      })
      if (seen === undefined) return undefined
      const places = new Map<number, number[]>()
      const providers = new Set<ProviderRule>()
      for (const [word, starts] of seen) {
        for (const rule of rulesOf[word] ?? []) {
          const before = places.get(rule)
          places.set(rule, before === undefined ? starts : [...before, ...starts])
        }
        for (const { rule, near } of providersOf[word] ?? [])
          if (starts.some((start) => text.startsWith(near, start))) providers.add(rule)
      }
      const known = [...seen.keys()]
      const has = (names: ReadonlySet<number>) => known.some((word) => names.has(word))
      return { places, providers: [...providers], assigned: has(assigned), headers: has(headers) }
    },
  }
}

// What they find is not one word.
const withoutLongWord: ReadonlySet<string> = new Set([
  'google-service-account',
  'private-key',
  'kubernetes-secret',
])
// Words of gitleaks' rules that name no provider.
const commonWords: ReadonlySet<string> = new Set(['curl', 'linear', 'square', 'secret_key'])
// Providers that this version of gitleaks does not know yet.
const moreProviders = /meraki|mailchimp|aws_?(?:secret|session|access)/i

/** A value that begins like a known key and is none: its own rule has turned it down. */
function isMalformed(value: string): boolean {
  return /^(?:sk-|gsk_|hf_|dapi|glc_|glsa_|ghp_|gh[ousr]_|glpat-|AIza|AKIA|xox[a-z]-|npm_|ops_|hvs\.|ntn_|sgp_|pplx-|pnu_|figd_|lin_api_|tskey-|pk_)/.test(
    value,
  )
}

/** A key does not begin in the middle of something longer. */
function isInsideBase64(text: string, index: number): boolean {
  return text[index - 1] === '+' && /[\w/+]{8}\+$/.test(text.slice(Math.max(0, index - 9), index))
}

function byProviders(text: string, rules: readonly ProviderRule[]): TextFinding[] {
  const findings: TextFinding[] = []
  for (const { kind, pattern, always } of rules) {
    // Most texts have none, and matchAll makes a copy of the pattern before it looks.
    pattern.lastIndex = 0
    if (!pattern.test(text)) continue
    pattern.lastIndex = 0
    for (const match of text.matchAll(pattern)) {
      const value = match[0]
      const drawn = /([xX*.])\1{9}/.test(value) || isInsideBase64(text, match.index)
      if (
        drawn ||
        (always !== true &&
          (isPlaceholder(value) || (value.length < 200 && entropyOf(value) < 2.2)))
      )
        continue
      findings.push({ kind: `secret.${kind}`, start: match.index, end: match.index + value.length })
    }
  }
  return findings
}

/** Runs each rule around its words only. */
function byGitleaks(
  text: string,
  rules: readonly CompiledRule[],
  places: SeenWords['places'],
): TextFinding[] {
  const findings: TextFinding[] = []
  if (places.size === 0) return findings
  let left = mostCharacters
  for (const index of [...places.keys()].toSorted((one, other) => one - other)) {
    const rule = rules[index]
    if (rule === undefined) continue
    for (const [start, end] of windowsAround(places.get(index) ?? [], text.length)) {
      if ((left -= end - start) < 0) return [...findings, ...randomTokens(text)]
      const slice = text.slice(start, end)
      const matcher = rule.pattern.matcher(slice)
      for (let from = 0; from < slice.length && matcher.find(from);) {
        const group = rule.group ?? firstGroup(matcher)
        const value = matcher.group(group) ?? ''
        from = Math.max(matcher.end(0), from + 1)
        if (
          entropyOf(value) < rule.entropy ||
          isPlaceholder(value) ||
          rule.allow.some((allow) => allow.matcher(value).find())
        )
          continue
        findings.push({
          kind: `secret.${rule.id}`,
          start: start + matcher.start(group),
          end: start + matcher.end(group),
        })
      }
    }
  }
  return findings
}

function firstGroup(matcher: ReturnType<Re2['matcher']>): number {
  for (let index = 1; index <= matcher.groupCount(); index++) {
    const value = matcher.group(index)
    if (value !== null && value !== '') return index
  }
  return 0
}

const before = 80
const after = 260

/** The surroundings of a rule's words, joined where they touch. */
function windowsAround(
  places: readonly number[],
  length: number,
): readonly (readonly [number, number])[] {
  const windows: [number, number][] = []
  for (const at of places.toSorted((one, other) => one - other)) {
    const [start, end] = [Math.max(0, at - before), Math.min(length, at + after)]
    const last = windows.at(-1)
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end)
    else windows.push([start, end])
  }
  return windows
}

/** Everything that is long and random, for a text that is made to be too much. */
function randomTokens(text: string): TextFinding[] {
  const findings: TextFinding[] = []
  for (const match of text.matchAll(/[\w+/=~.-]{20,400}/g)) {
    if (/\d/.test(match[0]) && /[A-Za-z]/.test(match[0]) && entropyOf(match[0]) >= 3.5)
      findings.push({
        kind: 'secret.random',
        start: match.index,
        end: match.index + match[0].length,
      })
  }
  return findings
}

/** Its word is in many others; our own rule looks for it as it is written. */
function isNotOurs({ id }: { readonly id: string }): boolean {
  return id !== 'twilio-api-key'
}

/** What scanners have in common. */
interface KnownRules {
  readonly rules: readonly CompiledRule[]
  /** For texts with a word as long as a key. */
  readonly words: Words
  /** For all others. */
  readonly otherWords: Words
  /** True for a name that says whose secret it is: its own rule judges the value. */
  readonly isProvider: (name: string) => boolean
}

let known: Promise<KnownRules> | undefined

function knownRules(): Promise<KnownRules> {
  known ??= Promise.all([import('re2js'), import('./gitleaks-rules.ts')]).then(
    ([{ RE2JS }, { gitleaksRules }]) => {
      const rules = gitleaksRules
        .filter(isNotOurs)
        .map(({ id, regex, entropy = 0, group, keywords, allow = [] }) => ({
          id,
          entropy,
          group,
          keywords,
          allow: allow.map((pattern) => RE2JS.compile(pattern) as unknown as Re2),
          pattern: RE2JS.compile(regex) as unknown as Re2,
        }))
      const others = providerRules.filter(({ kind }) => withoutLongWord.has(kind))
      return {
        rules,
        words: wordsOf(rules, providerRules),
        otherWords: wordsOf([], others),
        isProvider: providerNames(rules),
      }
    },
  )
  return known
}

function providerNames(rules: readonly CompiledRule[]): KnownRules['isProvider'] {
  const names = rules
    .flatMap(({ keywords }) => keywords)
    .filter((word) => word.length > 3 && /^[a-z]+$/.test(word) && !commonWords.has(word))
  return (name) => {
    const lower = name.toLowerCase()
    return names.some((word) => lower.includes(word)) || moreProviders.test(name)
  }
}
