import { beforeAll, expect, test } from 'vitest'
import { personalDataScanner, type PersonalDataScanner } from './scanner.ts'

let scanner: PersonalDataScanner
beforeAll(async () => {
  scanner = await personalDataScanner()
})

const kinds = (text: string) => scanner.scan(text).map(({ kind }) => kind)

test.each([
  ['iban', 'Pay to DE89 3704 0044 0532 0130 00 by Friday'],
  ['credit-card', 'card 4111 1111 1111 1111'],
  ['email', 'write to jane.doe@example.com'],
  ['phone', 'call +49 30 901820'],
  ['phone', 'my phone is (415) 555-2671'],
  ['us-ssn', 'SSN 536-90-4399'],
  ['uk-nino', 'NI number AB 12 34 56 C'],
  ['uk-nhs', '943 476 5919'],
  ['de-tax-id', 'Steuer-ID 86095742719'],
  ['es-dni', 'DNI 12345678Z'],
  ['es-nie', 'X1234567L'],
  ['fr-nir', '2 55 08 14 168 025 38'],
  ['it-fiscal-code', 'RSSMRA85T10A562S'],
  ['in-aadhaar', '3998 7654 3211'],
  ['br-cpf', '529.982.247-25'],
  ['se-personnummer', '19811228-9874'],
  ['pl-pesel', 'PESEL 44051401458'],
  ['crypto-address', '16Yeky6GMjeNkAiNcBY7ZhrLoMSgg1BoyZ'],
  ['crypto-address', 'bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq'],
  ['ip-address', 'from 203.0.113.7'],
  ['ip-address', 'at 2001:db8::1'],
  ['mac-address', '00:1A:2B:3C:4D:5E'],
  ['date-of-birth', 'date of birth: 12/04/1985'],
])('%s is found in: %s', (kind, text) => {
  expect(kinds(text)).toContain(`pii.${kind}`)
  expect(scanner.mayFind(text)).toBe(true)
})

test('where numbers alone are looked for, texts without are done with at a glance', async () => {
  const high = await personalDataScanner({ risk: 'high' })
  expect(high.mayFind('Order 56000, 3 items (A-120), 2 of them sent (ada@example.org).')).toBe(
    false,
  )
  expect(high.mayFind('Reisepass CFGHJKLM1')).toBe(true)
  expect(high.mayFind('Pay to DE89 3704 0044 0532 0130 00 by Friday')).toBe(true)
})

test.each([
  ['an IBAN with a wrong check digit', 'DE89 3704 0044 0532 0130 01'],
  ['a card with a wrong check digit', '4111 1111 1111 1112'],
  ['a tax number with a wrong check digit', '86095742718'],
  ['a version', 'v1.2.3.4567 of 2024-11-21'],
  ['a time', '1732194123456 or 1732194123'],
  ['a hash', 'd41d8cd98f00b204e9800998ecf8427e'],
  ['amounts', 'total 1234567.89 of 12,345,678'],
  ['a namespace', 'std::cout << a::b'],
  ['an identifier', '550e8400-e29b-41d4-a716-446655440000'],
  ['words', 'the quick brown fox jumps over the lazy dog'],
  ['a Bitcoin address with a wrong checksum', '16Yeky6GMjeNkAiNcBY7ZhrLoMSgg1Boyz'],
])('%s is not personal data', (_name, text) => {
  expect(kinds(text)).toEqual([])
})

test('exactly the number is marked, not the words around it', () => {
  const text = 'AL47212110090000000235698741 ALL CAPS'
  expect(scanner.scan(text).map(({ start, end }) => text.slice(start, end))).toEqual([
    'AL47212110090000000235698741',
  ])
})

test('kinds and risks can be chosen', async () => {
  const text = 'jane@example.com, DE89 3704 0044 0532 0130 00, https://example.com/jane'
  const scan = async (options: Parameters<typeof personalDataScanner>[0]) =>
    (await personalDataScanner(options)).scan(text).map(({ kind }) => kind)
  expect(await scan({ risk: 'high' })).toEqual(['pii.iban'])
  expect(await scan({ risk: 'low' })).toEqual(['pii.email', 'pii.iban', 'pii.url'])
  expect(await scan({ kinds: ['email'] })).toEqual(['pii.email'])
  expect(await scan({ exceptKinds: ['email'] })).toEqual(['pii.iban'])
})

test('an application can add its own kind', async () => {
  const own = await personalDataScanner({
    recognizers: [{ kind: 'member-number', risk: 'high', pattern: /(?<!\w)MEM-\d{6}(?!\w)/g }],
  })
  expect(own.scan('member MEM-123456').map(({ kind, risk }) => [kind, risk])).toEqual([
    ['pii.member-number', 'high'],
  ])
})

test('a number is found wherever it stands in a long text, and in any grouping', () => {
  const prose =
    'On 2026-11-21 at 14:37 revenue grew by 12 percent to 4.5 million, as said before. '.repeat(40)
  for (const number of [
    '(4111)-1111-1111-1111',
    'ab 12 34 56 c',
    '943 476 5919',
    'GB29 NWBK 6016 1331 9268 19',
    'RSSMRA85T10A562S',
  ])
    for (const at of [0, 1_500, prose.length]) {
      const text = `${prose.slice(0, at)} ${number} ${prose.slice(at)}`
      const [found] = scanner.scan(text)
      expect(text.slice(found?.start, found?.end)).toContain(number.replace(/^\(4111\)-/, ''))
    }
})

test('in a text of many thousands the last is found too', () => {
  const numbered = (of: (index: string) => string) =>
    Array.from({ length: 4_000 }, (_, index) => of(String(index).padStart(4, '0'))).join('\n')
  expect(scanner.scan(numbered((index) => `person-${index}@example.com`))).toHaveLength(4_000)
  const phones = scanner.scan(numbered((index) => `call +1 415 555 ${index}`))
  expect(phones.length).toBeGreaterThan(3_900)
  const text = `${numbered((index) => `order 12345-${index}-77`)}\ncard 4111 1111 1111 1111`
  expect(scanner.scan(text).map(({ kind }) => kind)).toContain('pii.credit-card')
})
