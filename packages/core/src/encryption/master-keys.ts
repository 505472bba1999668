import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { HoldfastError } from '../errors.ts'

/** 32 bytes: as they are, or as hex or base64. */
export type Key = string | Uint8Array

export interface EncryptionOptions {
  /** What is encrypted with, or who tells. `openssl rand -base64 32` makes one. */
  readonly key: Key | (() => Key | Promise<Key>)
  /** Keys of before: what was written with one is read; a run gets the new one when it is taken up. */
  readonly oldKeys?: readonly Key[]
}

/**
 * The keys that the runs' own keys, and other small things, are encrypted with. Changing one means encrypting those
 * anew, and nothing else.
 */
export class MasterKeys {
  readonly #options: EncryptionOptions
  #loaded: Promise<readonly Buffer[]> | undefined

  constructor(options: EncryptionOptions) {
    this.#options = options
    // What is wrong is told at once where it can be.
    if (typeof options.key !== 'function') keyBytes(options.key)
    for (const key of options.oldKeys ?? []) keyBytes(key)
  }

  /** A new key for a run, and its secret: the same, encrypted. */
  async newKey(): Promise<{ readonly key: Buffer; readonly secret: string }> {
    const key = randomBytes(32)
    return { key, secret: await this.wrap(key) }
  }

  /** Encrypts something small; `context` says what it is, and has to be the same to read it. */
  async wrap(content: Buffer, context = 'secret'): Promise<string> {
    const [current] = await this.#load()
    if (current === undefined) throw wrongKey('there is none')
    return `1.${idOf(current)}.${seal(current, content, context).toString('base64url')}`
  }

  /** @throws HoldfastError KEY_WRONG where none of the keys fits */
  async unwrap(
    secret: string,
    context = 'secret',
  ): Promise<{ readonly key: Buffer; readonly isCurrent: boolean }> {
    const [version, id, sealed = ''] = secret.split('.')
    const keys = await this.#load()
    const index = version === '1' ? keys.findIndex((key) => idOf(key) === id) : -1
    const master = keys[index]
    if (master === undefined) {
      throw wrongKey(`it was written with the key ${id}, given are ${keys.map(idOf).join(', ')}`)
    }
    return {
      key: open(master, Buffer.from(sealed, 'base64url'), context),
      isCurrent: index === 0,
    }
  }

  #load(): Promise<readonly Buffer[]> {
    const { key, oldKeys = [] } = this.#options
    this.#loaded ??= Promise.resolve(typeof key === 'function' ? key() : key)
      .then((current) => [current, ...oldKeys].map(keyBytes))
      .catch((error: unknown) => {
        this.#loaded = undefined
        throw error
      })
    return this.#loaded
  }
}

/** Encrypts; `context` says what it is, and has to be the same to read it. */
export function seal(key: Buffer, content: Uint8Array, context: string): Buffer {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(context))
  const sealed = Buffer.concat([cipher.update(content), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed])
}

/** @throws HoldfastError KEY_WRONG where the content was changed, or is not what `context` says */
export function open(key: Buffer, sealed: Uint8Array, context: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12))
  decipher.setAAD(Buffer.from(context))
  decipher.setAuthTag(sealed.subarray(12, 28))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()])
  } catch (cause) {
    throw wrongKey('it does not decrypt: another key, or somebody has changed it', cause)
  }
}

/** What is told where something cannot be decrypted. */
export function wrongKey(why: string, cause?: unknown): HoldfastError {
  return new HoldfastError(
    'KEY_WRONG',
    `what is stored is encrypted: ${why}`,
    cause === undefined ? {} : { cause },
  )
}

/** A few characters that tell keys apart and say nothing about them. */
function idOf(key: Buffer): string {
  return createHash('sha256').update('holdfast key\n').update(key).digest('hex').slice(0, 8)
}

function keyBytes(key: Key): Buffer {
  const bytes =
    typeof key !== 'string'
      ? Buffer.from(key)
      : /^[\da-f]{64}$/i.test(key)
        ? Buffer.from(key, 'hex')
        : Buffer.from(key, 'base64')
  if (bytes.byteLength === 32) return bytes
  throw new HoldfastError(
    'OPTIONS_INVALID',
    `the key has ${bytes.byteLength} bytes; it is 32 bytes as hex or base64, for example from openssl rand -base64 32`,
  )
}
