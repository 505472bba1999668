import { HoldfastError } from '@holdfast/core'
import type { Cluster, Redis } from 'ioredis'
import { connectRedis } from './connect-redis.ts'
import type { RedisAddress, RedisConnection, RedisScripts } from './connect-redis.ts'

/** What is asked, and for how long. */
export interface AskedRedisOptions<Scripts extends RedisScripts> {
  readonly scripts: Scripts
  /** How long an answer is waited for. @default 5,000 */
  readonly timeoutMs?: number | undefined
  /** What is kept there, for messages: `the approvals`. */
  readonly keeps: string
  /** What is thrown once it is closed. @default STORE_UNREACHABLE */
  readonly closed?: () => unknown
}

/**
 * A Redis whose answers are waited for, for a while: connected at the first question.
 * Questions that are not answered end in STORE_UNREACHABLE; what Redis says itself passes.
 */
export class AskedRedis<Scripts extends RedisScripts> {
  readonly #address: RedisAddress
  readonly #options: AskedRedisOptions<Scripts>
  readonly #timeoutMs: number
  #connection: RedisConnection | undefined
  #closed = false

  constructor(address: RedisAddress, options: AskedRedisOptions<Scripts>) {
    this.#address = address
    this.#options = options
    this.#timeoutMs = options.timeoutMs ?? 5_000
  }

  /** The client, once commands can be sent. What it answers goes through `within`. */
  async client(): Promise<Redis | Cluster> {
    if (this.#closed) {
      throw this.#options.closed?.() ?? this.unreachable(new Error('it is closed'))
    }
    this.#connection ??= connectRedis(this.#address, this.#options.scripts)
    try {
      await this.#connection.ready(this.#timeoutMs)
    } catch (error) {
      throw this.unreachable(error)
    }
    return this.#connection.client
  }

  /** What a script answers. */
  async run(
    script: keyof Scripts & string,
    keys: readonly string[],
    args: readonly (string | number | Buffer)[],
  ): Promise<unknown> {
    const client = await this.client()
    const command = Reflect.get(client, script) as (...all: unknown[]) => Promise<unknown>
    return this.within(command.call(client, keys.length, ...keys, ...args))
  }

  /** The answer, in time. The timer is what keeps the process waiting: the sockets do not. */
  async within<T>(answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`Redis did not answer in ${this.#timeoutMs} ms`)),
        this.#timeoutMs,
      )
    })
    try {
      return await Promise.race([answer, late])
    } catch (error) {
      throw this.unreachable(error)
    } finally {
      clearTimeout(timer)
      answer.catch(() => {})
    }
  }

  /** What Redis says itself passes: that it wants a password, or has no memory left. */
  unreachable(error: unknown): unknown {
    if (error instanceof Error && error.name === 'ReplyError') return error
    const why = error instanceof Error ? error.message : String(error)
    return new HoldfastError(
      'STORE_UNREACHABLE',
      `the Redis of ${this.#options.keeps} cannot be asked: ${why}`,
      { retryable: true, cause: error },
    )
  }

  close(): void {
    this.#closed = true
    this.#connection?.close()
  }
}
