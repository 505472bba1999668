import { createRequire } from 'node:module'
import { type TextFinding, withoutOverlaps } from '../text-finding.ts'
import { contactRecognizers } from './contact.ts'
import { partsWithNumbers } from './digits.ts'
import { type NumberChecks, numberRecognizers } from './numbers.ts'
import { type ParsePhone, phonesIn } from './phone.ts'
import { type PersonalDataRisk, type Recognizer, saidAround } from './recognizer.ts'

/** What counts as personal data. */
export interface PersonalDataOptions {
  /** Kinds at this risk and above are found. @default 'medium' */
  readonly risk?: PersonalDataRisk
  /** Only these kinds, e.g. `['iban', 'email']`. */
  readonly kinds?: readonly string[]
  /** Kinds that are left alone. */
  readonly exceptKinds?: readonly string[]
  /** Countries whose national phone numbers are known, by ISO code. */
  readonly phoneCountries?: readonly string[]
  /** More recognizers. */
  readonly recognizers?: readonly Recognizer[]
}

/** A place of personal data. */
export interface PersonalDataFinding extends TextFinding {
  readonly risk: PersonalDataRisk
}

/** Finds personal data in texts. */
export interface PersonalDataScanner {
  /** The places of personal data, in order and without overlaps. */
  scan(text: string): readonly PersonalDataFinding[]
  /** False for a text that holds none, whatever is around it. Costs less than a scan. */
  mayFind(text: string): boolean
}

const order: readonly PersonalDataRisk[] = ['low', 'medium', 'high']
const usualCountries = [
  'US',
  'GB',
  'DE',
  'FR',
  'ES',
  'IT',
  'NL',
  'IN',
  'BR',
  'JP',
  'CN',
  'TR',
  'PH',
  'AU',
  'IL',
  'KR',
]

/** Loads the recognizers, once per process, and answers with a scanner. */
export async function personalDataScanner(
  options: PersonalDataOptions = {},
): Promise<PersonalDataScanner> {
  const { recognizers, parsePhone } = await load()
  const wants = (kind: string, risk: PersonalDataRisk) =>
    (options.kinds === undefined
      ? order.indexOf(risk) >= order.indexOf(options.risk ?? 'medium')
      : options.kinds.includes(kind)) && options.exceptKinds?.includes(kind) !== true
  const wanted = [...recognizers, ...(options.recognizers ?? [])].filter(({ kind, risk }) =>
    wants(kind, risk),
  )
  const numbers = wanted.filter(({ digits }) => digits === true)
  const anywhere = wanted.filter(({ digits }) => digits !== true)
  const onlyNumbers = anywhere.length === 0
  const countries = options.phoneCountries ?? usualCountries
  const phones = wants('phone', 'medium')
  return {
    mayFind: (text) => !onlyNumbers || partsWithNumbers(text).length > 0,
    scan(text) {
      const findings: PersonalDataFinding[] = []
      for (const recognizer of anywhere) {
        if (recognizer.kind === 'email' && !text.includes('@')) continue
        findings.push(...found(text, recognizer))
      }
      for (const [start, end] of partsWithNumbers(text)) {
        const part = end - start === text.length ? text : text.slice(start, end)
        const inPart: PersonalDataFinding[] = numbers.flatMap((one) => found(part, one))
        if (phones) {
          for (const finding of phonesIn(part, parsePhone, countries))
            inPart.push({ ...finding, risk: 'medium' })
        }
        for (const one of inPart)
          findings.push(
            start === 0 ? one : { ...one, start: one.start + start, end: one.end + start },
          )
      }
      return withoutOverlaps(findings)
    },
  }
}

const noFindings: readonly PersonalDataFinding[] = []

function found(
  text: string,
  { kind, risk, pattern, check, context }: Recognizer,
): readonly PersonalDataFinding[] {
  // Most texts have none, and matchAll makes a copy of the pattern before it looks.
  pattern.lastIndex = 0
  if (pattern.global && !pattern.test(text)) return noFindings
  pattern.lastIndex = 0
  const findings: PersonalDataFinding[] = []
  for (const match of text.matchAll(pattern)) {
    const [candidate] = match
    if (isTimestamp(candidate) || isPartOfMore(text, match.index, candidate)) continue
    const answer = check === undefined ? true : check(candidate)
    if (answer === false) continue
    const end = match.index + (typeof answer === 'string' ? answer.length : candidate.length)
    if (context !== undefined && !saidAround(text, match.index, end, context)) continue
    findings.push({ kind: `pii.${kind}`, risk, start: match.index, end })
  }
  return findings
}

/** A time in seconds or milliseconds of these years, which too many check digits fit by chance. */
function isTimestamp(candidate: string): boolean {
  return /^1[6-8]\d{8}(?:\d{3})?$/.test(candidate)
}

/** One of several groups of digits that belong together, as in a longer number that is written in fours. */
function isPartOfMore(text: string, start: number, candidate: string): boolean {
  if (!/^\d[\d -]*$/.test(candidate) || !/[ -]/.test(candidate)) return false
  const mark = candidate.includes(' ') ? ' ' : '-'
  const end = start + candidate.length
  const before = text.slice(Math.max(0, start - 6), start)
  const after = text.slice(end, end + 3)
  return (
    (before.endsWith(mark) && /[A-Z\d]{2,}.$/.test(before)) ||
    (after.startsWith(mark) && /^.\d{2}/.test(after))
  )
}

let loaded:
  | Promise<{ readonly recognizers: readonly Recognizer[]; readonly parsePhone: ParsePhone }>
  | undefined

function load(): NonNullable<typeof loaded> {
  loaded ??= loadLibraries()
  return loaded
}

async function loadLibraries(): NonNullable<typeof loaded> {
  const [phone, iban, email] = await Promise.all([
    import('libphonenumber-js/max'),
    import('ibantools'),
    import('validator/lib/isEmail.js'),
  ])
  // The package names ESM files that Node cannot load; its CommonJS ones it can.
  const { stdnum } = createRequire(import.meta.url)('stdnum') as { stdnum: NumberChecks }
  const isEmail =
    (email.default as unknown as { default?: (text: string, options: object) => boolean })
      .default ?? (email.default as unknown as (text: string, options: object) => boolean)
  const lengths = (iban.countrySpecs ?? {}) as Readonly<
    Record<string, { readonly chars: number | null } | undefined>
  >
  return {
    recognizers: [
      ...contactRecognizers({
        isEmail: (text) => isEmail(text, { allow_utf8_local_part: true }),
        isValidIban: (text) => iban.isValidIBAN(text),
        ibanLength: (country) => lengths[country]?.chars ?? undefined,
      }),
      ...numberRecognizers(stdnum),
    ],
    parsePhone: (text, country) =>
      phone.parsePhoneNumberFromString(text, country as 'US' | undefined),
  }
}
