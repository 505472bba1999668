import type { TextFinding } from '../text-finding.ts'
import { entropyOf, isPlaceholder } from './placeholder.ts'

const secretName =
  /KEY|TOKEN|SECRET|PASS(?:WORD|WD|PHRASE)?(?:_|$)|PWD_|CREDENTIAL|PRIVATE|AUTH(?!OR)|DSN|CONNECTION_STRING|DATABASE_URL|REDIS_URL|MONGO\w*_UR[IL]|WEBHOOK/i
const harmlessName =
  /^(?:PWD|OLDPWD|SSH_AUTH_SOCK|XAUTHORITY|GPG_TTY|KEYBOARD\w*|.*_PUBLIC_KEY|.*PUBLISHABLE\w*|.*KEY_ID|.*TOKEN_LIMIT|.*MAX_TOKENS)$/i

/** What an environment is: names and values. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The values of a process that nobody else may see: what its environment names as a key, in every form it may take. */
export function knownKeys(
  environment: Environment,
  more: readonly string[] = [],
): readonly string[] {
  const values = new Set([...more.filter(({ length }) => length >= 6), ...namedKeys(environment)])
  return [...values].flatMap(formsOf)
}

/** What an environment names as a key, and is one by its looks: text that nobody writes by chance. */
export function certainKeys(environment: Environment): readonly string[] {
  return namedKeys(environment).filter(looksLikeKey)
}

/** True for what nobody writes by chance: long, random, letters and digits. */
export function looksLikeKey(value: string): boolean {
  if (value.includes('-----BEGIN')) return true
  if (value.length < 12 || /\s/.test(value) || isPlaceholder(value)) return false
  if (/^[a-z][\w+.-]*:\/\//i.test(value)) return /:\/\/[^\s:@/]*:[^\s@/]+@/.test(value)
  const mixed = /\d/.test(value) && /[A-Za-z]/.test(value)
  return entropyOf(value) >= (mixed ? 2.8 : 3.6) && (mixed || value.length >= 20)
}

function namedKeys(environment: Environment): readonly string[] {
  const values = new Set<string>()
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || !secretName.test(name) || harmlessName.test(name)) continue
    const trimmed = value.trim()
    if (trimmed.length < 8 || /^(?:true|false|\d{1,12}|\/[\w./-]*)$/i.test(trimmed)) continue
    values.add(trimmed)
    const password = /^[a-z][\w+.-]*:\/\/[^\s:@/]*:([^\s@/]{6,})@/i.exec(trimmed)?.[1]
    if (password !== undefined) values.add(password)
  }
  return [...values]
}

/** A key as it stands, as URLs write it, and as base64 does at each of the three places it can begin. */
export function formsOf(key: string): readonly string[] {
  const forms = new Set([key, encodeURIComponent(key), JSON.stringify(key).slice(1, -1)])
  for (let offset = 0; offset < 3; offset++) {
    const encoded = Buffer.from(' '.repeat(offset) + key)
      .toString('base64')
      .replace(/=+$/, '')
    // The first and the last characters depend on the neighbours: only what lies between is certain.
    const certain = encoded.slice(
      offset === 0 ? 0 : offset + 1,
      encoded.length - (((offset + Buffer.byteLength(key)) * 8) % 6 === 0 ? 0 : 1),
    )
    if (certain.length >= 10)
      forms.add(certain).add(certain.replaceAll('+', '-').replaceAll('/', '_'))
  }
  return [...forms]
}

/** Every place where one of the keys stands. */
export function keysIn(text: string, keys: readonly string[]): readonly TextFinding[] {
  const findings: TextFinding[] = []
  for (const key of keys) {
    for (let at = text.indexOf(key); at >= 0; at = text.indexOf(key, at + key.length)) {
      findings.push({ kind: 'secret.own-key', start: at, end: at + key.length })
    }
  }
  return findings
}
