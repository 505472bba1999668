import { createHmac, timingSafeEqual } from 'node:crypto'
import { HoldfastError } from '@holdfast/core'

/** What a signed message comes with. */
export interface WebhookSignature {
  /** Seconds since 1970, as `holdfast-timestamp` says them. */
  readonly timestamp: string | undefined
  /** As `holdfast-signature` says it: `sha256=` and hexadecimal. */
  readonly signature: string | undefined
}

/** A message is good for so long, and may come from a clock that is so far ahead. */
const toleranceMs = 300_000

/** The headers that sign a body: HMAC-SHA256 over `<timestamp>.<body>`. */
export function signatureHeaders(
  secret: string,
  body: string,
  nowMs: number,
): { 'holdfast-timestamp': string; 'holdfast-signature': string } {
  const timestamp = String(Math.floor(nowMs / 1_000))
  return { 'holdfast-timestamp': timestamp, 'holdfast-signature': signed(secret, timestamp, body) }
}

/** True for a body that whoever knows the secret has signed, not long ago. */
export function verifyWebhook(
  secret: string,
  body: string,
  { timestamp = '', signature = '' }: WebhookSignature,
  nowMs: number = Date.now(),
): boolean {
  if (!/^\d{1,12}$/.test(timestamp)) return false
  if (Math.abs(nowMs - Number(timestamp) * 1_000) > toleranceMs) return false
  return isEqual(signed(secret, timestamp, body), signature)
}

/** What a callback address ends with, so that nobody else can guess one. */
export function callbackToken(secret: string, id: string): string {
  return createHmac('sha256', secret).update(`callback ${id}`).digest('base64url')
}

/** Compares without telling by its time how much is right. */
export function isEqual(wanted: string, given: string): boolean {
  const [one, other] = [Buffer.from(wanted), Buffer.from(given)]
  return one.byteLength === other.byteLength && timingSafeEqual(one, other)
}

/**
 * The secret, if it is one.
 * @throws HoldfastError OPTIONS_INVALID where there is none, or one that could be guessed
 */
export function webhookSecret(given: string | undefined): string {
  const secret = given ?? process.env['HOLDFAST_WEBHOOK_SECRET'] ?? ''
  if (secret.length >= 16) return secret
  throw new HoldfastError(
    'OPTIONS_INVALID',
    `the approval webhook needs a secret of at least 16 characters, as option secret or in HOLDFAST_WEBHOOK_SECRET; ${secret === '' ? 'there is none' : 'this one is shorter'}`,
  )
}

function signed(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`
}
