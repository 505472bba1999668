import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { OwnKeys } from './own-keys.ts'
import { textSearch } from './text-search.ts'
import { wordSearch } from './word-search.ts'

const letters = fc.constantFrom(...Array.from('abAB é\u212a.'))
const hay = fc.string({ unit: letters, maxLength: 60 })

/** Every place of a text, looked for one by one. */
function placesOf(text: string, word: string): number[] {
  const places: number[] = []
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) places.push(at)
  return places
}

test('jumping over a text finds what looking everywhere finds', () => {
  const needles = fc.array(fc.string({ unit: letters, minLength: 6, maxLength: 9 }), {
    maxLength: 5,
  })
  fc.assert(
    fc.property(needles, fc.array(hay, { maxLength: 4 }), (words, between) => {
      const text = between.map((one, index) => one + (words[index] ?? '')).join('')
      const search = textSearch(words)
      const expected = [...new Set(words)].flatMap((word) =>
        placesOf(text, word).map((start) => [start, start + word.length]),
      )
      const order = (list: readonly (readonly number[])[]) => list.map(String).toSorted()
      expect(order(search.placesIn(text))).toEqual(order(expected))
      expect(search.in(text)).toBe(expected.length > 0)
    }),
  )
})

test('many words in one pass are those that are found one by one, in upper and lower case', () => {
  const words = fc.uniqueArray(
    fc.string({ unit: fc.constantFrom(...Array.from('ab. ')), minLength: 1, maxLength: 4 }),
    { maxLength: 6 },
  )
  fc.assert(
    fc.property(words, hay, (list, text) => {
      const found: [number, number][] = []
      wordSearch(list)(text, (word, start) => found.push([word, start]))
      const lower = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
      const expected = list.flatMap((word, index) =>
        placesOf(lower, word).map((start) => [index, start]),
      )
      expect(found.map(String).toSorted()).toEqual(expected.map(String).toSorted())
    }),
  )
})

test.for([
  ['OPENAI_API_KEY', true],
  ['npm_config_//registry.npmjs.org/:_authToken', true],
  ['PGPASSWORD', true],
  ['SMTP_PASS', true],
  ['SECRET_KEY_BASE', true],
  ['TOKEN_GITHUB', true],
  ['STRIPE_KEY_LIVE', true],
  ['AWS_SECRET_ACCESS_KEY', true],
  ['BASIC_AUTH', true],
  ['SLACK_WEBHOOK', true],
  ['TOKENIZER_MODEL', false],
  ['KEYCLOAK_REALM', false],
  ['KEYSPACE', false],
  ['MONKEY_MODE', false],
  ['COMPASS_REGION', false],
  ['AUTH0_DOMAIN', false],
  ['AUTH_PROVIDER', false],
  ['AWS_SECRET_NAME', false],
  ['TOKEN_MODEL', false],
] as const)('%s names a key: %s', ([name, isKey]) => {
  const value = 'gpt-4o-mini-2024-07-18'
  expect(new OwnKeys({ environment: { [name]: value } }).in(`Use ${value}.`)).toBe(isKey)
})

test('keys that the environment names later are seen a little later, and harmless values never', () => {
  const environment: Record<string, string> = {
    GIT_AUTHOR_EMAIL: 'ada.lovelace1815@example.com',
    DB_PASSWORD: 'postgres',
    DATABASE_URL: 'postgres://localhost:5432/development',
    TOKEN_LIMIT: '128000',
  }
  let now = 0
  const keys = new OwnKeys({ environment, now: () => now })
  const harmless = Object.values(environment).join(' ')
  expect(keys.in(harmless)).toBe(false)
  environment['LATE_API_KEY'] = 'late-9f8a7b6c5d4e3f2a1b0c'
  now = 10_000
  expect(keys.in('it is late-9f8a7b6c5d4e3f2a1b0c')).toBe(true)
  expect(keys.in(harmless)).toBe(false)
})
