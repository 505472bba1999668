import { isIP } from 'node:net'
import { base58Check, bech32Check, luhn } from './check-digits.ts'
import type { Recognizer } from './recognizer.ts'

/** The functions of libraries that the recognizers ask. */
export interface ContactChecks {
  readonly isEmail: (text: string) => boolean
  readonly isValidIban: (text: string) => boolean
  /** How many characters an IBAN of a country has. */
  readonly ibanLength: (country: string) => number | undefined
}

/** Accounts, addresses and names of machines. */
export function contactRecognizers({
  isEmail,
  isValidIban,
  ibanLength,
}: ContactChecks): readonly Recognizer[] {
  return [
    {
      kind: 'iban',
      risk: 'high',
      digits: true,
      pattern: /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,40}/g,
      check(candidate) {
        const length = ibanLength(candidate.slice(0, 2))
        if (length === undefined) return false
        let seen = 0
        let end = 0
        for (; end < candidate.length && seen < length; end++)
          if (/[A-Z0-9]/.test(candidate[end] ?? '')) seen++
        const iban = candidate.slice(0, end)
        // A longer run of digits and letters without a blank is something else.
        if (seen < length) return false
        return isValidIban(iban.replace(/[ -]/g, '')) ? iban : false
      },
    },
    {
      kind: 'credit-card',
      risk: 'high',
      digits: true,
      pattern: /(?<![\w-])\d(?:[ -]?\d){11,18}(?![\w-])/g,
      check: (candidate) => isCardNumber(candidate.replace(/\D/g, '')) && luhn(candidate),
    },
    {
      kind: 'email',
      risk: 'medium',
      pattern:
        /(?<![^\s<>()[\]"',;:|=])[^\s<>()[\]"',;:|=@]{1,64}@[\p{L}\p{N}.-]{1,190}\.[\p{L}\p{N}-]{2,24}(?![\w@-])/gu,
      check: isEmail,
    },
    {
      kind: 'crypto-address',
      risk: 'high',
      digits: true,
      pattern: /(?<!\w)[13][1-9A-HJ-NP-Za-km-z]{25,34}(?!\w)/g,
      check: base58Check,
    },
    {
      kind: 'crypto-address',
      risk: 'high',
      digits: true,
      pattern: /(?<!\w)(?:bc1|tb1)[02-9ac-hj-np-z]{11,71}(?!\w)/g,
      check: bech32Check,
    },
    {
      kind: 'crypto-address',
      risk: 'high',
      digits: true,
      pattern: /(?<!\w)0x[\da-fA-F]{40}(?!\w)/g,
    },
    {
      kind: 'ip-address',
      risk: 'medium',
      pattern: /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w])/g,
      check: (candidate) => isIP(candidate) === 4,
    },
    {
      kind: 'ip-address',
      risk: 'medium',
      pattern:
        /(?<![\w:.])(?:[\da-fA-F]{0,4}:){2,7}(?:[\da-fA-F]{1,4}|(?:\d{1,3}\.){3}\d{1,3})?(?:%\w{1,15})?(?![\w:]|\.\d)/g,
      check: (candidate) => /\d/.test(candidate) && isIP(candidate.replace(/%.*$/, '')) === 6,
    },
    {
      kind: 'mac-address',
      risk: 'medium',
      pattern:
        /(?<![\w:-])(?:[\da-fA-F]{2}([:-])(?:[\da-fA-F]{2}\1){4}[\da-fA-F]{2}|(?:[\da-fA-F]{4}\.){2}[\da-fA-F]{4})(?![\w:-])/g,
      check: (candidate) => !/^(?:f+|0+)$/i.test(candidate.replace(/[^\da-f]/gi, '')),
    },
    {
      kind: 'date-of-birth',
      risk: 'medium',
      pattern: /(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2})(?!\d)/g,
      context:
        /\b(?:born|birth ?da(?:te|y)|date of birth|d\.?o\.?b\.?|geburtsdatum|geboren|n[ée]e? le|nacimiento|nascita|nascimento)\b/i,
    },
    { kind: 'url', risk: 'low', pattern: /(?<!\w)https?:\/\/[^\s<>"']{3,500}/g },
    {
      kind: 'uk-postcode',
      risk: 'low',
      pattern:
        /(?<!\w)(?:GIR ?0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d{1,2}|\d[A-HJKPSTUW]|[A-HK-Y]\d[ABEHMNPRVWXY]) ?\d[ABD-HJLNP-UW-Z]{2})(?!\w)/g,
    },
  ]
}

/** True for the ranges that card schemes give out. */
function isCardNumber(digits: string): boolean {
  const { length } = digits
  if (digits.startsWith('4')) return length === 13 || length === 16 || length === 19
  if (/^(?:5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720))/.test(digits)) return length === 16
  if (/^3[47]/.test(digits)) return length === 15
  if (/^3(?:0[0-59]|[689])/.test(digits)) return length >= 14 && length <= 19
  if (/^35(?:2[89]|[3-8])/.test(digits)) return length >= 16
  if (/^(?:6011|64[4-9]|65|62)/.test(digits)) return length >= 16
  if (digits.startsWith('1')) return length === 15
  return /^(?:5[06-8]|6)/.test(digits) && length >= 12
}
