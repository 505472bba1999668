import type { Agent, AgentOptions, ClientRequest } from 'node:http'
import type { Duplex } from 'node:stream'
import { headerOf } from './raw-headers.ts'
import { http } from '../http/node-http.ts'

/** How long an agent waits. */
export interface Patience {
  /** For a connection to be made. */
  readonly connectTimeoutMs: number
  /** For anything to come over a connection in use. */
  readonly silenceTimeoutMs: number
}

// As undici keeps its connections: https://undici.nodejs.org/#/docs/api/Client (2026-11-21).
const usualPatience: Patience = { connectTimeoutMs: 10_000, silenceTimeoutMs: 300_000 }
const idleMs = 4_000
const idleMaxMs = 600_000
const hintMarginMs = 2_000

interface Connection extends Duplex {
  setTimeout(ms: number): void
  unref(): void
}

/** How long connections may be idle, where their server said so. */
const hints = new WeakMap<object, number>()

type CreateArguments = Parameters<Agent['createConnection']>

type AgentClass = new (options: AgentOptions) => Agent

let plain: Agent | undefined
let secure: Agent | undefined

/** The agent whose connections direct calls share. */
export function ownAgent(isSecure: boolean): Agent {
  if (isSecure) return (secure ??= makeAgent(process.getBuiltinModule('node:https').Agent))
  return (plain ??= makeAgent(http.Agent))
}

/** Keeps what an answer says about its connection. */
export function keepHint(connection: object, rawHeaders: readonly string[]): void {
  const header = headerOf(rawHeaders, 'keep-alive')
  const seconds = header === undefined ? undefined : /timeout=\s*(\d+)/i.exec(header)?.[1]
  if (seconds === undefined) hints.delete(connection)
  else hints.set(connection, Math.min(Number(seconds) * 1000 - hintMarginMs, idleMaxMs))
}

/** An agent that keeps its connections as undici does. */
export function makeAgent(
  Class: AgentClass,
  { connectTimeoutMs, silenceTimeoutMs }: Patience = usualPatience,
): Agent {
  class OwnAgent extends Class {
    // All options but these are the same for every call.
    override getName(options?: { host?: string; port?: number | string }): string {
      return `${options?.host}:${options?.port}`
    }

    override createConnection(...args: CreateArguments): Duplex {
      const connection = super.createConnection(...args) as Connection
      connection.setTimeout(connectTimeoutMs)
      const connected = 'encrypted' in connection ? 'secureConnect' : 'connect'
      connection.once(connected, () => connection.setTimeout(silenceTimeoutMs))
      return connection
    }

    override keepSocketAlive(socket: Duplex): boolean {
      const connection = socket as Connection
      const ms = hints.get(connection) ?? idleMs
      if (ms <= 0) return false
      connection.setTimeout(ms)
      connection.unref()
      return true
    }

    override reuseSocket(socket: Duplex, request: ClientRequest): void {
      super.reuseSocket(socket, request)
      const connection = socket as Connection
      connection.setTimeout(silenceTimeoutMs)
    }
  }
  return new OwnAgent({
    keepAlive: true,
    keepAliveMsecs: 60_000,
    maxFreeSockets: Number.POSITIVE_INFINITY,
    timeout: silenceTimeoutMs,
    // Said to servers with TLS, as undici does.
    ALPNProtocols: ['http/1.1'],
  } as AgentOptions)
}
