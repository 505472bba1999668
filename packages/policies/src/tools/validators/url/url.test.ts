import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inspectUrl, resolveUrl, type ResolvedAddress } from './url.ts'

test.each([
  'https://example.com/',
  'http://example.com:8080/path?u=http://127.0.0.1',
  'https://8.8.8.8/',
  'https://[2606:4700:4700::1111]/',
  'https://localhost.example.com/',
  'https://10.example.com/',
  'https://bücher.example/',
])('%s passes', (url) => {
  expect(inspectUrl(url).findings).toEqual([])
})

test.each([
  'http://localhost/',
  'http://LOCALHOST./',
  'http://printer.local/',
  'http://metadata.google.internal/',
  'http://kubernetes.default.svc/',
  'http://intranet/',
  'http://10.0.0.1.example.com/',
  'http://7f000001.example.com/',
  'http://169.254.169.254.nip.io/',
  'file:///etc/passwd',
  'gopher://example.com/',
  'javascript:alert(1)',
  'http://user:password@example.com/',
  'http://127.0.0.1@example.com/',
  'http://example.com\\@127.0.0.1/',
  'http://exa\tmple.com/',
  '//example.com/',
  'not a url',
])('%s does not pass', (url) => {
  expect(inspectUrl(url).decision).not.toBe('allow')
})

/** The ways to write an IPv4 address that programs understand. */
function forms([a, b, c, d]: readonly [number, number, number, number]): readonly string[] {
  const value = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
  const high = ((a << 8) | b).toString(16)
  const low = ((c << 8) | d).toString(16)
  return [
    `${a}.${b}.${c}.${d}`,
    `${a}.${b}.${c}.${d}.`,
    String(value),
    `0x${value.toString(16)}`,
    `0${value.toString(8)}`,
    `0x${a.toString(16)}.${b}.0${c.toString(8)}.${d}`,
    `${a}.${b}.${c * 256 + d}`,
    `${a}%2e${b}%2e${c}%2e${d}`,
    `[::${a}.${b}.${c}.${d}]`,
    `[::ffff:${a}.${b}.${c}.${d}]`,
    `[::ffff:0:${a}.${b}.${c}.${d}]`,
    `[64:ff9b::${a}.${b}.${c}.${d}]`,
    `[2002:${high}:${low}::1]`,
    `[fe80::5efe:${a}.${b}.${c}.${d}]`,
  ]
}

test('a private address does not pass, however it is written', () => {
  const byte = fc.integer({ min: 0, max: 255 })
  const address = fc.oneof(
    fc.tuple(fc.constantFrom(10, 127, 0), byte, byte, byte),
    fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
    fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
    fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), byte, byte),
    fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), byte, byte),
    fc.tuple(fc.integer({ min: 224, max: 255 }), byte, byte, byte),
  )
  fc.assert(
    fc.property(address, (parts) => {
      for (const host of forms(parts)) {
        expect(inspectUrl(`http://${host}/`).decision, host).not.toBe('allow')
      }
    }),
    { numRuns: 300 },
  )
})

describe('names that are looked up', () => {
  const resolve =
    (...addresses: readonly string[]) =>
    async (): Promise<readonly ResolvedAddress[]> =>
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

  test('a public name passes with its addresses', async () => {
    const answer = await resolveUrl('https://example.com/', { resolve: resolve('93.184.215.14') })
    expect(answer).toMatchObject({ decision: 'allow', addresses: [{ address: '93.184.215.14' }] })
  })

  test('one private address among public ones is enough', async () => {
    const options = { resolve: resolve('93.184.215.14', '::ffff:10.0.0.1') }
    expect(await resolveUrl('https://example.com/', options)).toMatchObject({
      decision: 'deny',
      addresses: [],
    })
  })

  test('a name without an answer is asked for', async () => {
    const failing = async () => Promise.reject(new Error('ENOTFOUND'))
    expect((await resolveUrl('https://example.com/', { resolve: failing })).decision).toBe('ask')
    expect((await resolveUrl('https://example.com/', { resolve: resolve() })).decision).toBe('ask')
  })

  test('a private host passes where it is named, and no other', async () => {
    const options = { hosts: ['api.corp', '*.lab.corp'], resolve: resolve('10.0.0.7') }
    expect((await resolveUrl('http://api.corp/', options)).decision).toBe('allow')
    expect((await resolveUrl('http://a.lab.corp/', options)).decision).toBe('allow')
    expect((await resolveUrl('http://other.corp/', options)).decision).toBe('deny')
    expect(inspectUrl('https://example.com/', { ...options, onlyHosts: true }).decision).toBe(
      'deny',
    )
  })
})
