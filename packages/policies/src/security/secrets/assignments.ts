import { entropyOf, isPlaceholder } from './placeholder.ts'
import type { TextFinding } from '../text-finding.ts'

// `password = value`, `"api_key": "value"`, `authToken: value`: a name that says secret, and a value behind it.
const secretWord =
  /passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|auth[_-]?key|credentials?/gi
const restOfName = /[\w.-]{0,24}/y
const valueBehind = /["']?\s{0,3}(?:=>|:=|=|:|>)\s{0,3}(["'`]?)([^\s"'`<>]{6,300})/y

// Names that speak of a secret and hold none.
const harmlessNames =
  /(?:length|size|count|name|type|url|uri|endpoint|path|file|dir|id|ids|alias|ring|store|vault|header|prefix|suffix|format|version|expir\w*|ttl|policy|rotation|arn|ref|usage|limit|field|param|parameter|label|hint|pair|code|board|public|csrf|xsrf|max|min|tokens|tokenizer|keywords?|secretsid)$|^(?:public|csrf|xsrf|pub|foreign|primary|schema|bucket|sort|partition|cache|hot|idx|natural|no|has|is|use|max|min|token_type|next)[_.-]?|public|tokeniz|monkey|turkey|keyboard|csrf|xsrf/i

/**
 * Values that are assigned to a name which says what they are.
 * `known` names providers: where the name or the value belongs to one, that provider's own rule has judged it.
 */
export function assignedSecrets(
  text: string,
  known: (name: string) => boolean,
): readonly TextFinding[] {
  const findings: TextFinding[] = []
  let past = 0
  for (const match of text.matchAll(secretWord)) {
    if (match.index < past) continue
    const from = match.index + match[0].length
    restOfName.lastIndex = from
    const rest = restOfName.exec(text)?.[0] ?? ''
    valueBehind.lastIndex = from + rest.length
    const value = valueBehind.exec(text)
    if (value === null) continue
    const [whole, quote = '', raw = ''] = value
    const start = from + rest.length + whole.length - raw.length
    const name = text.slice(startOfName(text, match.index), from) + rest
    past = from + rest.length
    const secret = raw.replace(/[;,)\]}]+$/, '')
    // `Client.initialize(token: …)`: whose token it is stands before the bracket.
    const context =
      text[match.index - 1] === '('
        ? text.slice(startOfName(text, match.index - 1), match.index)
        : ''
    if (harmlessNames.test(name) || known(name + context) || isPlaceholder(secret)) continue
    if (isSecretValue(name, secret, quote !== '')) {
      findings.push({ kind: 'secret.assigned', start, end: start + secret.length })
      past = start + raw.length
    }
  }
  return findings
}

/** Where the name begins that ends at a place. */
function startOfName(text: string, end: number): number {
  let start = end
  while (start > 0 && end - start < 40 && /[\w.$-]/.test(text[start - 1] ?? '')) start--
  return start
}

function isSecretValue(name: string, value: string, quoted: boolean): boolean {
  if (/^(?:[a-z][\w+.-]*:\/\/|\.{0,2}\/|[A-Za-z_$][\w$]*\(|[\w.]+\.[a-z]{2,4}$|file:)/.test(value))
    return false
  const digits = /\d/.test(value)
  const letters = /[A-Za-z]/.test(value)
  const mixed = /[a-z]/.test(value) && /[A-Z]/.test(value)
  if (/passw|pwd|passphrase/i.test(name)) {
    return (
      value.length >= 8 &&
      letters &&
      (digits || /[^\w]/.test(value)) &&
      entropyOf(value) >= 2.5 &&
      !/^[a-z]+(?:[-_.][a-z]+)*$/i.test(value) &&
      !/[(){}]/.test(value)
    )
  }
  if (value.length < 16 || !digits || !letters || /[(){}[\]<>$]/.test(value)) return false
  if (/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value) && !/secret|key/i.test(name))
    return false
  // Words with a number behind them are names: `SalesResults-1.2`, `cmp2-qat-1208358310`.
  if (/^[A-Za-z]+\d{0,3}(?:[-_. ][A-Za-z]*\d*)*$/.test(value) && entropyOf(value) < 4.2 && !mixed)
    return false
  const hexadecimal = /^[\da-f]{32,}$/i.test(value)
  return entropyOf(value) >= (quoted || hexadecimal ? 3.2 : 3.5)
}

// https://user:password@host, postgres://user:password@host
const credentialUrl =
  /(?<![A-Za-z0-9])([a-z][a-z0-9+.-]{1,20}):\/\/([^\s:@/?#"'<>]{0,100}):([^\s@/"'<>]{1,200})@([^\s/"'<>:]{1,200})/gi

/** Passwords in URLs. In the address of a database a password that says `password` is a template. */
export function urlPasswords(text: string): readonly TextFinding[] {
  const findings: TextFinding[] = []
  if (!text.includes('://')) return findings
  credentialUrl.lastIndex = 0
  for (let match = credentialUrl.exec(text); match !== null; match = credentialUrl.exec(text)) {
    const [, scheme = '', user = '', password = '', host = ''] = match
    const web = /^(?:https?|ftps?|sftp|wss?|git|ssh)$/i.test(scheme)
    const template =
      /^(?:\$|<|\{|%[A-Z]|\[|\*+$|x{3,}$|\.{3})/i.test(password) || /^(?:\$\{|<|\{\{)/.test(user)
    if (
      template ||
      (!web && (isPlaceholder(password) || password === user)) ||
      /^(?:example|host|hostname)$/i.test(host)
    )
      continue
    const start = match.index + scheme.length + 3 + user.length + 1
    findings.push({ kind: 'secret.url-password', start, end: start + password.length })
  }
  return findings
}

const header =
  /(?<![A-Za-z0-9-])(?:proxy-)?authorization["']?\s{0,3}[:=]\s{0,5}["']?(?:(bearer|basic|token|apikey|digest|bot)[ \t]{1,5})?([\w=~@.+/-]{8,4000})/gi
const keyHeader =
  /(?<![A-Za-z0-9-])(?:x-(?:[a-z]{1,20}-){0,2})?(?:api-?key|api-?token|auth-?token|access-?token)["']?\s{0,3}:\s{0,5}["']?([\w=~@.+/-]{8,4000})/gi
const userOption =
  /(?:^|\s)(?:-u|--user=|--user\s|-u\s)\s{0,3}((?:"[^"\n]{1,200}"|'[^'\n]{1,200}'|[^\s"']{1,200}){1,5})/g

/** Credentials of HTTP requests: authorization headers, key headers, and the user option of curl. */
export function headerSecrets(text: string): readonly TextFinding[] {
  const findings: TextFinding[] = []
  const take = (value: string, start: number) => {
    if (!isPlaceholder(value) && entropyOf(value) >= 2.8)
      findings.push({ kind: 'secret.authorization', start, end: start + value.length })
  }
  for (const match of text.matchAll(header)) {
    const value = match[2] ?? ''
    if (/^(?:bearer|basic|token)$/i.test(value)) continue
    take(value, match.index + match[0].length - value.length)
  }
  for (const match of text.matchAll(keyHeader)) {
    const value = match[1] ?? ''
    if (/\d/.test(value)) take(value, match.index + match[0].length - value.length)
  }
  if (!/\b(?:curl|wget|http)\b/.test(text)) return findings
  for (const match of text.matchAll(userOption)) {
    const value = (match[1] ?? '').replace(/["']/g, '')
    const colon = value.indexOf(':')
    if (colon < 0) continue
    const [user, password] = [value.slice(0, colon), value.slice(colon + 1)].map((part) =>
      part.replace(/^["'{]+|["'}]+$/g, ''),
    ) as [string, string]
    const secret = password === '' ? user : password
    const template =
      /\{\{|\$\{|^<|^\$/.test(value) ||
      /^\$\{?[A-Z_]/.test(password) ||
      isPlaceholder(secret) ||
      /^(?:yyy|zzz|test|token)$/i.test(secret)
    if (template || secret.length < 5 || entropyOf(secret) < (password === '' ? 3 : 2)) continue
    const start = match.index + match[0].lastIndexOf(secret)
    findings.push({ kind: 'secret.authorization', start, end: start + secret.length })
  }
  return findings
}
