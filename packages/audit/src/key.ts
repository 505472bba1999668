import { createSecretKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { HoldfastError } from '@holdfast/core'

/** 32 bytes: as they are, as hex or as base64, or who tells them. `openssl rand -base64 32` makes some. */
export type AuditKey = string | Uint8Array | (() => string | Uint8Array)

/** @throws HoldfastError OPTIONS_INVALID where it is no 32 bytes; the message does not hold it */
export function readKey(key: AuditKey): KeyObject {
  const given = typeof key === 'function' ? key() : key
  const bytes =
    typeof given !== 'string'
      ? Buffer.from(given)
      : Buffer.from(given, /^[\da-f]{64}$/i.test(given) ? 'hex' : 'base64')
  if (bytes.length === 32) return createSecretKey(bytes)
  throw new HoldfastError(
    'OPTIONS_INVALID',
    `the audit log's key has ${bytes.length} bytes; it is 32 bytes as hex or base64, for example from openssl rand -base64 32`,
  )
}
