import { randomBytes, randomInt } from 'node:crypto'

/** Something that may stand nowhere but where it was put, by the place where it was put. */
export type Canaries = Readonly<Record<string, string>>

/** Keys and personal data, new ones each time. */
export function plant(): { readonly keys: Canaries; readonly personal: Canaries } {
  const secret = (prefix: string): string =>
    `${prefix}${randomBytes(24).toString('base64').replaceAll(/[+/=]/g, 'x')}`
  const letters = (): string => randomBytes(12).toString('hex')
  const digits = (count: number): string =>
    Array.from({ length: count }, () => String(randomInt(10))).join('')
  return {
    keys: {
      openaiKey: secret('sk-proj-'),
      anthropicKey: secret('sk-ant-api03-'),
      geminiKey: secret('AIzaSy'),
      header: secret('tok_'),
      cookie: secret('session='),
      query: secret('q-'),
      prompt: secret('ghp_'),
      toolArgument: secret('xoxb-'),
      toolResult: secret('AKIA'),
      toolError: secret('glpat-'),
      answer: secret('sk_live_'),
      databasePassword: secret('pw'),
      unnamed: secret('z9'),
    },
    personal: {
      promptEmail: `ada.${letters()}@example.com`,
      promptPhone: `+4930${digits(11)}`,
      promptIban: `DE02${digits(18)}`,
      promptCard: `4242${digits(12)}`,
      argumentEmail: `bob.${letters()}@example.org`,
      resultEmail: `eve.${letters()}@example.net`,
      errorEmail: `joe.${letters()}@example.com`,
      answerEmail: `zoe.${letters()}@example.com`,
      name: `Quentin ${letters()}`,
    },
  }
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
