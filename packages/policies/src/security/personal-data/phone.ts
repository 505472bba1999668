import type { TextFinding } from '../text-finding.ts'

/** Parses a number of a country; undefined where it is none. */
export type ParsePhone = (
  text: string,
  country?: string,
) => { isValid(): boolean; getType(): string | undefined } | undefined

const candidate = /(?<![\w./:+-])(?:\+|00)?\(?\d(?:[\d() .\u2010\u2011-]{5,20})\d(?![\w:/-]|\.\d)/g
const taken = { isValid: () => true, getType: () => 'MOBILE' }

const context =
  /\b(?:phone|tel|telefon\w*|telephone|mobile|mobil\w*|cell|call|fax|sms|whatsapp|contact|cep|gsm|handy|m[óo]vil|t[ée]l[ée]phone|telepono|number is)\b/i
/**
 * In a text so often is a number parsed. Past that, what looks like one is taken for one: too much is found rather than
 * too little.
 */
const mostParsed = 1_500

/** Phone numbers: with a country code anywhere, national ones where their form or the words around them say so. */
export function phonesIn(
  text: string,
  parse: ParsePhone,
  countries: readonly string[],
): readonly TextFinding[] {
  const findings: TextFinding[] = []
  let left = mostParsed
  const parseSome: ParsePhone = (found, country) => (--left < 0 ? taken : parse(found, country))
  for (const match of text.matchAll(candidate)) {
    const [found] = match
    const digits = found.replace(/\D/g, '')
    if (digits.length < 8 || digits.length > 15) continue
    const before = text.slice(Math.max(0, match.index - 12), match.index)
    // A group of something longer: `FI21 A234 5600 0007 85`.
    if (/[A-Z\d]{2,} $/.test(before) && !found.startsWith('+')) continue
    const said = context.test(text.slice(Math.max(0, match.index - 50), match.index))
    if (isPhone(found, digits, said, parseSome, countries)) {
      findings.push({ kind: 'pii.phone', start: match.index, end: match.index + found.length })
    }
  }
  return findings
}

function isPhone(
  found: string,
  digits: string,
  said: boolean,
  parse: ParsePhone,
  countries: readonly string[],
): boolean {
  if (/^(?:\+|00)/.test(found)) {
    return (
      parse(found.replace(/^00/, '+'))?.isValid() === true ||
      (said && digits.length >= 10 && found.startsWith('+'))
    )
  }
  // Dates, addresses of machines and amounts are written with the same marks.
  if (/^\d{4}-\d{2}-\d{2}|^\d{1,2}[.-]\d{1,2}[.-]\d{2,4}$|^\d{1,3}(?:\.\d{1,3}){3}$|  /.test(found))
    return false
  const grouped =
    (/^\(?0?\d{2,4}\)?[ .-]?\(?\d{3,4}\)?[ .-]?\d{3,4}$/.test(found) ||
      /^0\d(?:[ .-]\d{2}){4}$|^0?\(?\d{3,4}\)?(?:[ .-]\d{2,3}){3,4}$/.test(found)) &&
    /\D/.test(found) &&
    digits.length >= 9
  const trunk = /^0[1-9]\d{8,9}$/.test(digits)
  if (digits.length > 12) return false
  if (!said && !(trunk || (grouped && (digits.length === 10 || found.startsWith('(')))))
    return false
  if (
    said &&
    parse(found, 'US')?.isValid() !== true &&
    digits.length >= 9 &&
    /^\(\d{3}\)/.test(found)
  )
    return true
  return countries.some((country) => {
    const number = parse(found, country)
    // Without a word that says so only mobile numbers and numbers in groups are sure enough.
    return number?.isValid() === true && (said || grouped || number.getType() === 'MOBILE')
  })
}
