import { createHash } from 'node:crypto'

const digitsOf = (text: string) => Array.from(text.replace(/\D/g, ''), Number)

/** Luhn's check over all digits. */
export function luhn(text: string): boolean {
  const digits = digitsOf(text).toReversed()
  const sum = digits.reduce(
    (total, digit, index) =>
      total + (index % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2),
    0,
  )
  return digits.length > 1 && sum % 10 === 0
}

/** The sum of digits times weights, as far as there are weights. */
export function weighted(text: string, weights: readonly number[]): number {
  const digits = digitsOf(text)
  return weights.reduce((total, weight, index) => total + weight * (digits[index] ?? 0), 0)
}

/** True where every digit is the same: no office gives that out. */
export function allSame(text: string): boolean {
  return /^(\d)\1*$/.test(text.replace(/\D/g, ''))
}

const base58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** The checksum of a Bitcoin address of the old forms. */
export function base58Check(text: string): boolean {
  let value = 0n
  for (const character of text) {
    const digit = base58.indexOf(character)
    if (digit < 0) return false
    value = value * 58n + BigInt(digit)
  }
  const bytes = Buffer.from(value.toString(16).padStart(50, '0'), 'hex')
  if (bytes.length !== 25) return false
  const sha = (data: Buffer) => createHash('sha256').update(data).digest()
  return sha(sha(bytes.subarray(0, 21)))
    .subarray(0, 4)
    .equals(bytes.subarray(21))
}

const bech32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]

/** The checksum of a Bitcoin address of the new forms (bech32 and bech32m). */
export function bech32Check(text: string): boolean {
  const lower = text.toLowerCase()
  const split = lower.lastIndexOf('1')
  const [prefix, data] = [lower.slice(0, split), lower.slice(split + 1)]
  const values = [
    ...Array.from(prefix, (character) => character.charCodeAt(0) >> 5),
    0,
    ...Array.from(prefix, (character) => character.charCodeAt(0) & 31),
    ...Array.from(data, (character) => bech32.indexOf(character)),
  ]
  if (values.includes(-1)) return false
  let checksum = 1
  for (const value of values) {
    const top = checksum >>> 25
    checksum = ((checksum & 0x1ffffff) << 5) ^ value
    for (const [bit, generator] of generators.entries())
      if (((top >>> bit) & 1) === 1) checksum ^= generator
  }
  return checksum === 1 || checksum === 0x2bc830a3
}
