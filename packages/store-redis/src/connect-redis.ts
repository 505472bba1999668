import { createRequire } from 'node:module'
import { createConnection } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import type { Cluster, Redis } from 'ioredis'

const require = createRequire(import.meta.url)

/** Where a Redis is. */
export interface RedisAddress {
  /** `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS; of a cluster any one node, or several. */
  readonly url: string | readonly string[]
  /** The address is that of a Redis Cluster. @default false */
  readonly cluster?: boolean
}

/** Scripts by name: each becomes a method of the client that takes the number of keys, the keys and the arguments. */
export type RedisScripts = Readonly<Record<string, { readonly lua: string }>>

/** A connection that opens itself again, prints nothing and keeps no process alive. */
export interface RedisConnection {
  readonly client: Redis | Cluster
  /**
   * Resolves once commands can be sent, at once where they can be now. Rejects after `withinMs`. Waiting keeps the
   * process alive unless it is `idle`.
   */
  ready(withinMs: number, how?: { readonly idle?: boolean }): Promise<void>
  /** Drops a connection that has gone silent and opens another one. */
  renew(): void
  close(): void
}

/**
 * Connects to Redis in the background. Commands that cannot be sent now fail now: nothing is queued for later.
 * The sockets are unreferenced, so whoever waits for an answer needs a timer of its own to keep the process alive.
 */
export function connectRedis(
  { url, cluster = false }: RedisAddress,
  scripts: RedisScripts = {},
): RedisConnection {
  // Loaded here: who has no Redis does not pay for it.
  const ioredis = require('ioredis') as typeof import('ioredis')
  const options = {
    Connector: unreferencedConnector(ioredis),
    autoResendUnfulfilledCommands: false,
    connectTimeout: 2_000,
    disableClientInfo: true,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
  }
  const urls = typeof url === 'string' ? [url] : url
  const client = cluster
    ? new ioredis.Cluster([...urls], {
        enableOfflineQueue: false,
        clusterRetryStrategy: () => null,
        scripts: { ...scripts },
        // Its timer would keep the process alive; a changed cluster shows by MOVED and by lost connections.
        slotsRefreshInterval: 0,
        redisOptions: { ...options, ...credentials(urls[0]) },
      })
    : new ioredis.Redis(urls[0] ?? '', {
        ...options,
        scripts: { ...scripts },
        enableOfflineQueue: false,
        // Reconnecting is done here, with a timer that keeps no process alive.
        retryStrategy: () => null,
      })
  // Without a listener ioredis prints; what fails is told by each command.
  client.on('error', () => {})

  let closed = false
  let attempts = 0
  let timer: NodeJS.Timeout | undefined
  const waiting = new Set<() => void>()
  client.on('ready', () => {
    attempts = 0
    for (const arrived of waiting) arrived()
    waiting.clear()
  })
  client.on('end', () => {
    if (closed) return
    const delayMs = Math.min(50 * 2 ** attempts++, 2_000)
    timer = setTimeout(() => client.connect().catch(() => {}), delayMs * (0.5 + Math.random() / 2))
    timer.unref()
  })

  return {
    client,
    ready(withinMs, { idle = false } = {}) {
      if (client.status === 'ready') return Promise.resolve()
      return new Promise((resolve, reject) => {
        const arrived = (): void => {
          clearTimeout(patience)
          resolve()
        }
        const patience = setTimeout(() => {
          waiting.delete(arrived)
          reject(new Error(`Redis is not connected after ${withinMs} ms`))
        }, withinMs)
        if (idle) patience.unref()
        waiting.add(arrived)
      })
    },
    renew: () => client.disconnect(),
    close() {
      closed = true
      clearTimeout(timer)
      client.disconnect()
    },
  }
}

/** User, password and TLS of a cluster stand in the address of its first node, and are those of all nodes. */
function credentials(url: string | undefined): { username?: string; password?: string; tls?: {} } {
  if (url === undefined) return {}
  const { username, password, protocol } = new URL(url)
  return {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
  }
}

interface SocketOptions {
  readonly host?: string
  readonly port?: number
  readonly path?: string
  readonly family?: number
  readonly tls?: ConnectionOptions
  readonly disconnectTimeout?: number
}

/** Opens sockets that do not keep the process alive, from their first moment on. */
function unreferencedConnector({ AbstractConnector }: typeof import('ioredis')) {
  return class UnreferencedConnector extends AbstractConnector {
    readonly #options: SocketOptions

    constructor(options: unknown) {
      super((options as SocketOptions).disconnectTimeout ?? 2_000)
      this.#options = options as SocketOptions
    }

    override async connect(): Promise<Socket> {
      const { host = '127.0.0.1', port = 6379, path, family, tls } = this.#options
      const target =
        typeof path === 'string'
          ? { path }
          : { host, port, ...(family === undefined ? {} : { family }) }
      const socket =
        tls === undefined
          ? createConnection(target)
          : connectTls({ servername: host, ...target, ...tls })
      socket.unref()
      // Trying several addresses takes a new handle for each.
      socket.once('connect', () => socket.unref())
      socket.once('error', (error) => (this.firstError = error))
      this.connecting = true
      this.stream = socket
      return socket
    }
  }
}
