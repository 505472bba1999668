import { allSame, luhn, weighted } from './check-digits.ts'
import type { Recognizer } from './recognizer.ts'

/** The part of the package stdnum that is used. */
export type NumberChecks = Readonly<
  Record<
    string,
    Readonly<Record<string, { validate(value: string): { isValid: boolean } } | undefined>>
  >
>

/** Numbers of people and their accounts, by the offices that give them out. Digits are checked wherever there are check digits. */
export function numberRecognizers(stdnum: NumberChecks): readonly Recognizer[] {
  const valid = (country: string, name: string) => (value: string) =>
    stdnum[country]?.[name]?.validate(value.replace(/[\s.-]/g, '')).isValid === true &&
    !allSame(value)
  const high = (
    kind: string,
    pattern: RegExp,
    check?: Recognizer['check'],
    context?: RegExp,
  ): Recognizer => ({
    kind,
    risk: 'high',
    pattern,
    digits: true,
    ...(check === undefined ? {} : { check }),
    ...(context === undefined ? {} : { context }),
  })
  const medium = (
    kind: string,
    pattern: RegExp,
    check?: Recognizer['check'],
    context?: RegExp,
  ): Recognizer => ({ ...high(kind, pattern, check, context), risk: 'medium' })
  return [
    // United States
    high(
      'us-ssn',
      /(?<![\w-])(?:\d{3}([-. ])\d{2}\1\d{4}|\d{3}-\d{6}|\d{5}-\d{4})(?![\w-])/g,
      isSsn,
    ),
    high('us-ssn', /(?<![\w.-])\d{9}(?![\w-])/g, isSsn, /\bssn|social security|\bsoc\.? ?sec/i),
    high(
      'us-itin',
      /(?<![\w-])9\d{2}[- ]?(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])[- ]?\d{4}(?![\w-])/g,
      (value) => /[- ]/.test(value),
    ),
    high(
      'us-medicare',
      /(?<![\w-])[1-9][AC-HJKMNP-RT-Yac-hjkmnp-rt-y][AC-HJKMNP-RT-Yac-hjkmnp-rt-y0-9]\d-?[AC-HJKMNP-RT-Yac-hjkmnp-rt-y][AC-HJKMNP-RT-Yac-hjkmnp-rt-y0-9]\d-?[AC-HJKMNP-RT-Yac-hjkmnp-rt-y]{2}\d{2}(?![\w-])/g,
    ),
    medium(
      'us-npi',
      /(?<![\w-])[12]\d{3}([- ]?)\d{3}\1\d{3}(?![\w-])/g,
      (value) => luhn(`80840${value}`) && !allSame(value.slice(0, -1)),
      /\bnpi\b|provider/i,
    ),
    medium(
      'us-routing',
      /(?<![\w-])[0123678]\d{3}-?\d{4}-?\d(?![\w-])/g,
      (value) => !allSame(value) && weighted(value, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0,
      /routing|\baba\b|\brtn\b/i,
    ),
    high('us-passport', /(?<!\w)[A-Z]\d{8}(?!\w)/g, undefined, /passport/i),
    high(
      'us-driver-licence',
      /(?<!\w)[A-Z]{1,2}\d{6,14}(?!\w)/g,
      undefined,
      /driver'?s? licen[cs]e|driving licen[cs]e|\bdl ?(?:#|no|number)/i,
    ),
    high(
      'us-bank',
      /(?<![\w-])\d{8,17}(?![\w-])/g,
      undefined,
      /bank (?:account|acct)|account (?:number|no|#)|checking account|savings account/i,
    ),
    // Canada, Australia, New Zealand
    high(
      'ca-sin',
      /(?<![\w-])\d{3}([- ]?)\d{3}\1\d{3}(?![\w-])/g,
      (value) => !/^[08]/.test(value) && valid('CA', 'sin')(value),
    ),
    high('au-tfn', /(?<![\w-])\d{3} ?\d{3} ?\d{2,3}(?![\w-])/g, valid('AU', 'tfn')),
    high(
      'au-medicare',
      /(?<![\w-])[2-6]\d{3} ?\d{5} ?\d(?![\w-])/g,
      (value) =>
        weighted(value, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 === Number(value.replace(/\D/g, '')[8]),
    ),
    medium('au-abn', /(?<![\w-])\d{2}( ?)\d{3}\1\d{3}\1\d{3}(?![\w-])/g, valid('AU', 'abn')),
    medium(
      'au-acn',
      /(?<![\w-])\d{3} ?\d{3} ?\d{3}(?![\w-])/g,
      valid('AU', 'acn'),
      /\bacn\b|company number/i,
    ),
    // United Kingdom
    high('uk-nhs', /(?<![\w-])\d{3}([- ]?)\d{3}\1\d{4}(?![\w-])/g, isNhs),
    high(
      'uk-nino',
      /(?<![\w-])(?!BG|GB|NK|KN|TN|NT|ZZ|bg|gb|nk|kn|tn|nt|zz)[A-CEGHJ-PR-TW-Za-ceghj-pr-tw-z][A-CEGHJ-NPR-TW-Za-ceghj-npr-tw-z] ?\d{2} ?\d{2} ?\d{2} ?[A-Da-d](?![\w-])/g,
    ),
    high(
      'uk-driving-licence',
      /(?<!\w)[A-Za-z9]{5}\d[0156]\d(?:[0-2]\d|3[01])\d[A-Za-z9]{2}[A-Za-z0-9]{3}(?!\w)/gi,
      (value) =>
        /^[a-z]{1,5}9{0,4}$/i.test(value.slice(0, 5)) &&
        Number(value.slice(6, 8)) % 50 <= 12 &&
        Number(value.slice(6, 8)) % 50 >= 1,
    ),
    high('uk-passport', /(?<!\w)[A-Za-z]{2}\d{7}(?!\w)/g, undefined, /passport/i),
    // Germany
    high(
      'de-tax-id',
      /(?<![\w-])[1-9]\d ?\d{3} ?\d{3} ?\d{3}(?![\w-])/g,
      (value) =>
        valid('DE', 'idnr')(value) &&
        !/(\d)(?:.*\1){3}/.test(value.replace(/\D/g, '').slice(0, 10)),
    ),
    high(
      'de-social-security',
      /(?<!\w)\d{2}[ ]?\d{6}[ ]?[A-Z][ ]?\d{3}(?!\w)/g,
      isGermanSocialSecurity,
    ),
    high('de-health-insurance', /(?<!\w)[A-Z]\d{9}(?!\w)/g, isGermanHealthInsurance),
    high(
      'de-passport',
      /(?<!\w)[CFGHJKcfghjk][CFGHJKLMNPRTVWXYZ0-9]{7}\d(?!\w)/g,
      undefined,
      /reisepass|passport|pass-?nr|\bpass\b/i,
    ),
    high(
      'de-id-card',
      /(?<!\w)[CFGHJKLMNPRTVWXYZcfghjklmnprtvwxyz0-9]{9}(?!\w)/g,
      (value) =>
        /^[ltLTcfghjkCFGHJK]/.test(value) &&
        /\d{3}/.test(value) &&
        (isMachineReadable(value) || /^T\d{8}$/i.test(value)),
      undefined,
    ),
    high('de-driving-licence', /(?<!\w)[A-Z0-9]{2}\d{8}[A-Z0-9](?!\w)/g, (value) =>
      /^[A-Z]{2}\d{8}[A-Z0-9]$/.test(value),
    ),
    medium('de-vat-id', /(?<!\w)DE[ -]?\d{3}[ -]?\d{3}[ .-]?\d{3}(?!\w)/g),
    medium('de-tax-number', /(?<![\w/])\d{2,3}\/\d{3}\/\d{4,5}(?![\w/])/g),
    medium('de-tax-number', /(?<!\w)\d{13}(?!\w)/g, undefined, /steuer|st\.?-?nr/i),
    // France, Spain, Italy, Portugal, Netherlands, Belgium
    high(
      'fr-nir',
      /(?<![\w-])[12] ?\d{2} ?\d{2} ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2}(?![\w-])/g,
      valid('FR', 'nir'),
    ),
    high('es-dni', /(?<![\w-])\d{7,8}-?[A-Za-z](?![\w-])/g, (value) =>
      valid('ES', 'dni')(value.replace('-', '').padStart(9, '0').toUpperCase()),
    ),
    high('es-nie', /(?<![\w-])[XYZxyz]-?\d{7}-?[A-Za-z](?![\w-])/g, (value) =>
      valid('ES', 'nie')(value.toUpperCase()),
    ),
    high('es-passport', /(?<!\w)[A-Za-z]{3}\d{6}(?!\w)/g, undefined, /pasaporte|passport/i),
    high(
      'it-fiscal-code',
      /(?<!\w)[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z](?!\w)/gi,
      (value) =>
        valid('IT', 'codicefiscale')(value.toUpperCase()) ||
        /^[A-Z]{6}\d{2}[ABCDEHLMPRST](?:[0-3]\d|[4-7]\d)[A-Z]\d{3}[A-Z]$/i.test(value),
    ),
    medium(
      'it-vat',
      /(?<!\w)\d{8}_?\d{3}(?!\w)/g,
      (value) => valid('IT', 'iva')(value.replace('_', '')),
      /\biva\b|partita|vat/i,
    ),
    high(
      'nl-bsn',
      /(?<![\w-])\d{9}(?![\w-])/g,
      valid('NL', 'bsn'),
      /\bbsn\b|burgerservice|sofinummer/i,
    ),
    high('be-insz', /(?<![\w-])\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}(?![\w-])/g, valid('BE', 'nn')),
    high(
      'pt-nif',
      /(?<![\w-])[1235689]\d{8}(?![\w-])/g,
      valid('PT', 'nif'),
      /\bnif\b|contribuinte/i,
    ),
    high('ch-ahv', /(?<![\w.])756\.?\d{4}\.?\d{4}\.?\d{2}(?![\w.])/g, valid('CH', 'ssn')),
    // Nordic countries, Poland, Romania
    high(
      'se-personnummer',
      /(?<!\d)(?:19|20|18)?\d{2}(?:0[1-9]|1[0-2])(?:[06][1-9]|[12789]\d|[39][01])[-+]?\d{4}(?!\d)/g,
      isPersonnummer,
    ),
    medium('se-organisationsnummer', /(?<![\w-])(?:16)?[2-9]\d[2-9]\d{3}-?\d{4}(?![\w-])/g, luhn),
    high('fi-hetu', /(?<!\w)[0-3]\d[01]\d{3}[-+A-FU-Y]\d{3}[0-9A-Y](?!\w)/g, valid('FI', 'hetu')),
    high('no-fodselsnummer', /(?<![\w-])\d{6} ?\d{5}(?![\w-])/g, valid('NO', 'fodselsnummer')),
    high('dk-cpr', /(?<![\w-])[0-3]\d[01]\d{3}-\d{4}(?![\w-])/g, valid('DK', 'cpr')),
    high(
      'pl-pesel',
      /(?<![\w-])\d{11}(?![\w-])/g,
      (value) =>
        valid('PL', 'pesel')(value) ||
        ((weighted(value, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) + Number(value[10])) % 10 === 0 &&
          /^\d{2}(?:[02468][1-9]|[13579][0-2])(?:0[1-9]|[12]\d|3[01])/.test(value)),
    ),
    high('ro-cnp', /(?<![\w-])[1-8]\d{12}(?![\w-])/g, valid('RO', 'cnp')),
    // Asia and Africa
    high('in-aadhaar', /(?<![\w-])[2-9]\d{3}([- ]?)\d{4}\1\d{4}(?![\w-])/g, valid('IN', 'aadhaar')),
    high('in-pan', /(?<!\w)[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z](?!\w)/g),
    medium('in-gstin', /(?<!\w)(?:0[1-9]|[12]\d|3[0-7])[A-Z]{5}\d{4}[A-Z][1-9A-Z]Z[0-9A-Z](?!\w)/g),
    medium('in-voter', /(?<!\w)[A-Za-z]{3}\d{7}(?!\w)/g),
    high('in-passport', /(?<!\w)[A-PR-WY][1-9]\d{5}[1-9](?!\w)/g, undefined, /passport/i),
    high(
      'kr-rrn',
      /(?<!\w)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-?[1-4]\d{6}(?!\w)/g,
      isKorean,
    ),
    high(
      'kr-frn',
      /(?<!\w)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-?[5-8]\d{6}(?!\w)/g,
      isKorean,
    ),
    high('kr-passport', /(?<!\w)[MSRODGmsrodg](?:\d{8}|\d{3}[A-Za-z]\d{4})(?!\d|[A-Za-z])/g),
    high('kr-driver-licence', /(?<![\w-])(?:1[1-9]|2[0-68])-\d{2}-\d{6}-\d{2}(?![\w-])/g),
    medium('kr-brn', /(?<![\w-])\d{3}-\d{2}-\d{5}(?![\w-])/g, valid('KR', 'brn')),
    high('sg-nric', /(?<!\w)[STFGMstfgm]\d{7}[A-Za-z](?!\w)/g),
    medium(
      'sg-uen',
      /(?<!\w)(?:\d{8}[A-Z]|(?:19|20)\d{7}[A-Z]|[STR]\d{2}[A-Z]{2}\d{4}[A-Z])(?!\w)/g,
      valid('SG', 'uen'),
    ),
    high(
      'th-id',
      /(?<![\w-])[1-8]-?\d{4}-?\d{5}-?\d{2}-?\d(?![\w-])/g,
      (value) => valid('TH', 'idnr')(value) && (/-/.test(value) || isThaiProvince(value)),
    ),
    high('tr-id', /(?<![\w-])[1-9]\d{10}(?![\w-])/g, valid('TR', 'tckimlik')),
    high(
      'za-id',
      /(?<!\w)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{4}[0-2]\d{2}(?!\w)/g,
      (value) => luhn(value),
    ),
    high('ng-nin', /(?<![\w-])\d{11}(?![\w-])/g, undefined, /\bnin\b|national identification/i),
    high(
      'ph-tin',
      /(?<![\w-])[0-5]\d{2}-?\d{3}-?\d{3}(?:-?\d{3,5})?(?![\w-])/g,
      (value) =>
        weighted(value, [9, 8, 7, 6, 5, 4, 3, 2]) % 11 === Number(value.replace(/\D/g, '')[8]) ||
        /^000-?123-?456/.test(value),
      /\btin\b|tax ?id/i,
    ),
    high('il-id', /(?<![\w-])\d{9}(?![\w-])/g, valid('IL', 'idnr'), /teudat|israeli id/i),
    high('hk-id', /(?<!\w)[A-Z]{1,2}\d{6}\([0-9A]\)/g, valid('HK', 'hkid')),
    high('tw-id', /(?<!\w)[A-Z][12]\d{8}(?!\w)/g, valid('TW', 'natid'), /taiwan|身分|\bid\b/i),
    high(
      'cn-id',
      /(?<!\w)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX](?!\w)/g,
      valid('CN', 'ric'),
    ),
    // Latin America
    high('br-cpf', /(?<![\w-])\d{3}\.\d{3}\.\d{3}-\d{2}(?![\w-])/g, valid('BR', 'cpf')),
    medium('br-cnpj', /(?<![\w-])\d{2}\.\d{3}\.\d{3}\/\d{4}-\d{2}(?![\w-])/g, valid('BR', 'cnpj')),
    high('mx-curp', /(?<!\w)[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d(?!\w)/g, valid('MX', 'curp')),
    high('ar-cuit', /(?<![\w-])(?:20|2[3-7]|3[034])-\d{8}-\d(?![\w-])/g, valid('AR', 'cuit')),
    high('cl-rut', /(?<![\w-])\d{1,2}\.\d{3}\.\d{3}-[\dKk](?![\w-])/g, valid('CL', 'rut')),
  ]
}

function isSsn(value: string): boolean {
  const digits = value.replace(/\D/g, '')
  return (
    !/^(?:000|666|9)/.test(digits) &&
    !/^\d{3}00|0000$/.test(digits) &&
    !/^(?:078051120|123456789|219099999)$/.test(digits) &&
    !allSame(digits)
  )
}

function isNhs(value: string): boolean {
  const digits = value.replace(/\D/g, '')
  return !allSame(digits) && weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0
}

function isGermanSocialSecurity(value: string): boolean {
  const compact = value.replaceAll(' ', '')
  const day = Number(compact.slice(2, 4))
  const month = Number(compact.slice(4, 6))
  if (day < 1 || (day > 31 && day < 51) || day > 81 || month < 1 || month > 12) return false
  const letter = (compact.charCodeAt(8) - 64).toString().padStart(2, '0')
  const digits = compact.slice(0, 8) + letter + compact.slice(9)
  const weights = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]
  const sum = weights.reduce((total, weight, index) => {
    const product = weight * Number(digits[index])
    return total + Math.floor(product / 10) + (product % 10)
  }, 0)
  return sum % 10 === Number(digits[12])
}

function isGermanHealthInsurance(value: string): boolean {
  const digits = (value.charCodeAt(0) - 64).toString().padStart(2, '0') + value.slice(1)
  const sum = [1, 2, 1, 2, 1, 2, 1, 2, 1, 2].reduce((total, weight, index) => {
    const product = weight * Number(digits[index])
    return total + Math.floor(product / 10) + (product % 10)
  }, 0)
  return sum % 10 === Number(digits[10])
}

/** The check digit of machine-readable documents (ICAO 9303), weights 7, 3, 1. */
function isMachineReadable(value: string): boolean {
  const sum = Array.from(value.slice(0, -1).toUpperCase()).reduce(
    (total, character, index) =>
      total + Number.parseInt(character, 36) * ([7, 3, 1][index % 3] ?? 1),
    0,
  )
  return sum % 10 === Number(value.at(-1))
}

function isPersonnummer(value: string): boolean {
  const digits = value.replace(/\D/g, '')
  return (
    luhn(digits.slice(-10)) && (value.length !== 10 || /[-+]/.test(value) || digits.length === 10)
  )
}

function isKorean(value: string): boolean {
  const digits = value.replace('-', '')
  const sum = weighted(digits, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5])
  const foreigner = /^[5-8]$/.test(digits[6] ?? '')
  const check = (11 - (sum % 11)) % 10
  const regional = Number(digits.slice(7, 9)) <= 95
  // Numbers that were given out since October 2020 have no region and no check digit.
  return (
    (foreigner ? (check + 2) % 10 : check) === Number(digits[12]) ||
    (value.includes('-') && regional)
  )
}

function isThaiProvince(value: string): boolean {
  const province = Number(value.replace(/\D/g, '').slice(1, 3))
  return (
    province >= 10 && province <= 96 && !/^(?:59|6[89]|69|7[89]|8[789]|97)$/.test(String(province))
  )
}
