import { randomInt } from 'node:crypto'

/** Something that may stand nowhere but where it was put, by the place where it was put. */
export type Canaries = Readonly<Record<string, string>>

/** Keys and personal data, new ones each time: of the lengths, and with the check digits, that real ones have. */
export function plant(): { readonly keys: Canaries; readonly personal: Canaries } {
  return {
    keys: {
      openaiKey: `sk-proj-${letters(58)}T3BlbkFJ${letters(58)}`,
      anthropicKey: `sk-ant-api03-${letters(93)}AA`,
      geminiKey: `AIzaSy${letters(33)}`,
      header: `tok_${letters(40)}`,
      cookie: `session=${letters(40)}`,
      query: `q-${letters(40)}`,
      prompt: `ghp_${letters(36)}`,
      toolArgument: `xoxb-${digits(12)}-${digits(12)}-${letters(24)}`,
      toolResult: `glpat-${letters(20)}`,
      toolError: `npm_${letters(36)}`,
      answer: `sk_live_${letters(32)}`,
      databasePassword: letters(24),
    },
    personal: {
      promptEmail: `ada.${letters(12)}@example.com`,
      promptPhone: `+49151${digits(8)}`,
      promptIban: iban(),
      promptCard: card(),
      argumentEmail: `bob.${letters(12)}@example.org`,
      resultEmail: `eve.${letters(12)}@example.net`,
      errorEmail: `joe.${letters(12)}@example.com`,
      answerEmail: `zoe.${letters(12)}@example.com`,
    },
  }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

function letters(count: number): string {
  return Array.from({ length: count }, () => alphabet[randomInt(alphabet.length)]).join('')
}

function digits(count: number): string {
  return Array.from({ length: count }, () => String(randomInt(10))).join('')
}

/** ISO 13616: the number, the country and two zeros as one number, modulo 97. */
function iban(): string {
  const account = `37040044${digits(10)}`
  const rest = BigInt(`${account}131400`) % 97n
  return `DE${String(98n - rest).padStart(2, '0')}${account}`
}

/** Luhn: every second digit counts twice. */
function card(): string {
  const start = `4242${digits(11)}`
  const sum = Array.from(start, Number).reduce((total, digit, index) => {
    const counted = index % 2 === 0 ? digit * 2 : digit
    return total + (counted > 9 ? counted - 9 : counted)
  }, 0)
  return `${start}${(10 - (sum % 10)) % 10}`
}

/** Which of them stand in a text, in any form that would give them away, and where. */
export function leaksIn(text: Buffer | string, canaries: Canaries): string[] {
  const found: string[] = []
  const plain = typeof text === 'string' ? text : text.toString('latin1')
  const bare = bareForm(plain)
  for (const [name, value] of Object.entries(canaries)) {
    const form = formsOf(value).find((one) => plain.includes(one))
    const at = form === undefined ? bare.indexOf(bareForm(value)) : plain.indexOf(form)
    if (at < 0) continue
    const within = form === undefined ? bare : plain
    found.push(`${name} in …${within.slice(Math.max(0, at - 120), at + 12)}…`)
  }
  return found
}

/** Letters and digits alone: what was cut into pieces and put on several lines is whole again. */
function bareForm(text: string): string {
  return text.replaceAll(/\\n|[^A-Za-z\d]/g, '').toLowerCase()
}

/** A value as it stands, as URLs, JSON, hexadecimal and base64 write it, and each half of a long one. */
function formsOf(value: string): string[] {
  const pieces = value.length >= 24 ? [value, ...halvesOf(value)] : [value]
  return pieces.flatMap((piece) => [
    piece,
    encodeURIComponent(piece),
    encodeURIComponent(encodeURIComponent(piece)),
    JSON.stringify(piece).slice(1, -1),
    Buffer.from(piece).toString('hex'),
    ...base64Of(piece, 'base64'),
    ...base64Of(piece, 'base64url'),
  ])
}

function halvesOf(value: string): string[] {
  const middle = Math.floor(value.length / 2)
  // Without a prefix that all keys of a kind have in common.
  return [value.slice(Math.max(6, middle - 12), middle), value.slice(middle, middle + 12)]
}

/** As it stands in the base64 of a longer text, at each of the three places where it can begin. */
function base64Of(value: string, encoding: 'base64' | 'base64url'): string[] {
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.from(`${' '.repeat(before)}${value}`).toString(encoding)
    const whole = Math.floor(((before + Buffer.byteLength(value)) * 8) / 6)
    return encoded.slice(before === 0 ? 0 : before + 1, whole)
  })
}
