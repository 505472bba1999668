import type { TextFinding } from '../text-finding.ts'
import { entropyOf, isPlaceholder } from './placeholder.ts'

/** A word that a name calls a secret by: `apikey` and `token`, not `tokenizer`, `keyspace` or `monkey`. */
const secretWord =
  /^(?:(?!(?:monkey|turkey|hockey|whiskey|donkey|jockey)$)\w*keys?|\w*tokens?|\w*secrets?|(?!(?:com|by)pass$)\w*pass|\w*(?:password|passwd|passphrase)|pwd|\w*credentials?|private|\w*auth|\w*dsn|pat|webhooks?)$/
const secretName = /CONNECTION_STRING|DATABASE_URL|REDIS_URL|MONGO\w*_UR[IL]/i
/** Words at the end of a name: where something is, how it is called, and what it is like. */
const harmlessEnd =
  /^(?:name|path|file|dir|folder|host|hostname|domain|port|provider|model|region|realm|issuer|audience|tenant|project|account|method|type|mode|version|scopes?|algorithm|header|prefix|rotation|expiry|ttl|limit|strategy|backend|engine|user|username|email)$/
const harmlessName =
  /^(?:PWD|OLDPWD|SSH_AUTH_SOCK|XAUTHORITY|GPG_TTY|.*_PUBLIC_KEY|.*PUBLISHABLE\w*|.*KEY_ID|.*MAX_TOKENS)$/i

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
    if (value === undefined || !namesKey(name)) continue
    const trimmed = value.trim()
    if (trimmed.length < 8 || /^(?:true|false|\d{1,12}|\/[\w./-]*)$/i.test(trimmed)) continue
    values.add(trimmed)
    const password = /^[a-z][\w+.-]*:\/\/[^\s:@/]*:([^\s@/]{6,})@/i.exec(trimmed)?.[1]
    if (password !== undefined) values.add(password)
  }
  return [...values]
}

/** True for the name of a variable that holds a key. */
function namesKey(name: string): boolean {
  if (harmlessName.test(name)) return false
  if (secretName.test(name)) return true
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '')
  return words.some((word) => secretWord.test(word)) && !harmlessEnd.test(words.at(-1) ?? '')
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
