import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { secretScanner, type SecretScanner } from './scanner.ts'

let scanner: SecretScanner
beforeAll(async () => {
  scanner = await secretScanner({ environment: {} })
})

const found = (text: string) => scanner.scan(text).map(({ start, end }) => text.slice(start, end))

/** Made of parts, so that nobody's scanner takes this file for a leak. */
const key = (...parts: readonly string[]) => parts.join('')
const random = 'q7Xc2LmVt9Rb4KzWn8Yh3JpDf6Gs5Ta1Ue0QiOxZvBk4MwNy7'

test.each([
  ['openai', key('sk-', random.slice(0, 20), 'T3Blbk', 'FJ', random.slice(20, 40))],
  ['anthropic', key('sk-ant', '-api03-', random, random.slice(0, 44), 'AA')],
  ['github', key('ghp', '_', random.slice(0, 36))],
  ['aws', key('AK', 'IAQ7XC2LMVT4RB5KZW')],
  ['google', key('AI', 'za', random.slice(0, 35))],
  ['slack', key('xo', 'xb-123456789012-123456789012-', random.slice(0, 24))],
  ['stripe', key('sk_', 'live_', random.slice(0, 24))],
  ['npm', key('npm', '_', random.slice(0, 36))],
  [
    'jwt',
    key('ey', 'JhbGciOiJIUzI1NiJ9.', 'ey', 'JzdWIiOiIxMjM0NTY3ODkwIn0.', random.slice(0, 43)),
  ],
])('a key of %s is found in a header, a URL, JSON and a sentence', (_provider, secret) => {
  for (const text of [
    secret,
    `Authorization: Bearer ${secret}`,
    `https://h/?key=${secret}`,
    JSON.stringify({ a: secret }),
    `the key is ${secret}, keep it`,
  ]) {
    expect(scanner.mayFind(text), text).toBe(true)
    expect(
      found(text).some((one) => one.includes(secret) || secret.includes(one)),
      text,
    ).toBe(true)
  }
})

test.each([
  [
    'a password in a URL',
    `postgres://app:${random.slice(0, 12)}@db.internal/x`,
    random.slice(0, 12),
  ],
  ['a password that is assigned', `password = "Tr0ub4dor&3x"`, 'Tr0ub4dor&3x'],
  ['a token that is assigned', `auth_token: ${random.slice(0, 32)}`, random.slice(0, 32)],
  ['a user of curl', `curl -u admin:${random.slice(0, 10)} https://h`, random.slice(0, 10)],
])('%s is found, and only that', (_name, text, secret) => {
  expect(found(text)).toEqual([secret])
})

test.each([
  'password: <your-password>',
  'token = ${API_TOKEN}',
  'api_key = process.env.API_KEY',
  'AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE',
  'xoxb-xxxxxxxxx-xxxxxxxxxx-xxxxxxxxxxxx',
  'public_key = "9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit"',
  'csrf-token=Mj2qykJO5rELyHgezQ69nzUX0i3OH67V7',
  'max_tokens: 4096, total_tokens: 123456789012345678',
  'the password must have 12 characters',
  'commit 43fc912ef59a83054ea7f6706df4d53a7dea4d80',
  'https://user@example.com/path',
  'mysql://user:password@localhost/db',
])('%s is no secret', (text) => {
  expect(scanner.scan(text)).toEqual([])
})

describe('keys of the process itself', () => {
  const own = 'plain words nobody would guess'

  test('are found by value, whatever they look like, and in the forms that they travel in', async () => {
    const mine = await secretScanner({ environment: { MY_SERVICE_TOKEN: own } })
    const base64 = Buffer.from(`user:${own}`).toString('base64')
    for (const text of [
      own,
      `x${own}y`,
      encodeURIComponent(own),
      JSON.stringify({ a: own }),
      base64,
    ]) {
      expect(
        mine.scan(text).map(({ kind }) => kind),
        text,
      ).toContain('secret.own-key')
    }
    expect(mine.scan('plain words')).toEqual([])
  })

  test('cannot be allowed', async () => {
    const mine = await secretScanner({ environment: { A_SECRET: own }, allow: [/./] })
    expect(mine.scan(own)).toHaveLength(1)
  })

  test('are not values that everybody has', async () => {
    const mine = await secretScanner({
      environment: {
        TOKEN_LIMIT: '4096',
        KEY: 'true',
        SSH_AUTH_SOCK: '/tmp/agent',
        HOME: '/home/somebody',
      },
    })
    expect(mine.scan('true 4096 /tmp/agent /home/somebody')).toEqual([])
  })

  test('are found in base64 at every offset', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({
          minLength: 12,
          maxLength: 40,
          unit: fc.constantFrom(...'abcXYZ019-_'.split('')),
        }),
        fc.string({ maxLength: 7 }),
        fc.string({ maxLength: 7 }),
        async (secret, before, after) => {
          const mine = await secretScanner({ environment: {}, values: [secret] })
          const encoded = Buffer.from(before + secret + after).toString('base64')
          expect(mine.scan(encoded).length).toBeGreaterThan(0)
        },
      ),
      { numRuns: 100 },
    )
  })
})

test('findings are in order and do not overlap', () => {
  const text = `password=Tr0ub4dor&3x postgres://a:Zx9qLm2Kp@h/d ${key('ghp', '_', random.slice(0, 36))}`
  const findings = scanner.scan(text)
  expect(findings.length).toBe(3)
  for (const [index, { start, end }] of findings.entries()) {
    expect(start).toBeLessThan(end)
    expect(start).toBeGreaterThanOrEqual(findings[index - 1]?.end ?? 0)
  }
})

test('a text that is made to be too much hides too much rather than too little', () => {
  const secret = random.slice(0, 32)
  const text = `${'adafruit airtable facebook okta heroku = '.repeat(2000)} dropbox_key = ${secret}`
  expect(scanner.scan(text).some(({ start, end }) => text.slice(start, end).includes(secret))).toBe(
    true,
  )
})

test('a key behind a thousand words of keys is found', () => {
  const text = `${'the api_key token is secret. '.repeat(1_000)} ghp_R8mJ2kQ9vX4tL7nB3cW6yF1hD5sG0aZ2eK4u`
  expect(scanner.scan(text).at(-1)?.end).toBe(text.length)
})

test('texts that people write are done with at a glance', () => {
  const usual =
    'The order of last week (number 56000) has 3 items, and the customer asks where it is.'
  expect(scanner.mayFind(usual)).toBe(false)
  expect(scanner.mayFind('password: hunter2-Xy7')).toBe(true)
  expect(scanner.mayFind('postgres://ada:hunter2@db')).toBe(true)
})
