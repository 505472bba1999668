import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

import type { FaultName } from './faults/catalogue.ts'

/** The wire formats that the lab speaks; `other` is an endpoint beside them, such as /embeddings. */
export type WireName =
  | 'openai-chat'
  | 'openai-responses'
  | 'anthropic-messages'
  | 'gemini'
  | 'bedrock-converse'
  | 'bedrock-anthropic'
  | 'cohere-chat'
  | 'ollama-chat'
  | 'other'

/** How a request ended. `cut-by-lab`: a fault (or closing the lab) broke the connection. */
export type Outcome = 'answered' | 'aborted-by-client' | 'cut-by-lab' | 'pending'

/** One request that arrived at the lab. */
export interface LabRequest {
  /** Its place among all requests, from 0. */
  readonly index: number
  /** Its place among the model calls, from 0: what a script counts. -1 for the other endpoints. */
  readonly callIndex: number
  /** When its headers were in, in performance.now() milliseconds. */
  readonly atMs: number
  readonly wire: WireName
  readonly method: string
  /** Path and query; a `key` in the query is masked. */
  readonly path: string
  /** Credentials are masked; the same key has the same mask, so that two keys can be told apart. */
  readonly headers: Readonly<Record<string, string>>
  /** The parsed JSON; undefined where it is none. */
  readonly body: unknown
  readonly bodyText: string
  /** The model that was asked for; empty where the request names none. */
  readonly model: string
  readonly streaming: boolean
  /** The fault that it met; undefined for a good answer. */
  readonly fault: FaultName | undefined
  /** Which connection it came on, from 0. */
  readonly connection: number
  /** True where an earlier request came on the same connection. */
  readonly reusedConnection: boolean
  readonly endedAtMs?: number
  readonly outcome: Outcome
  readonly status?: number
}

/** The lab's own, writable view of a request. */
export type RequestRecord = { -readonly [Key in keyof LabRequest]: LabRequest[Key] }

const secretHeaders = new Set([
  'authorization',
  'proxy-authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'x-amz-security-token',
  'cookie',
])

/** Headers as plain data, with every credential masked. */
export function maskedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const masked: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue
    const text = Array.isArray(value) ? value.join(', ') : value
    masked[name] = secretHeaders.has(name) ? maskedCredential(text) : text
  }
  return masked
}

/** A path whose query holds no key. */
export function maskedPath(path: string): string {
  return path.replace(/([?&](?:key|api_key|access_token)=)([^&#]*)/gi, (_, name: string, value) =>
    name.concat(mask(String(value))),
  )
}

function maskedCredential(value: string): string {
  // A signature is no secret, but the name of its key is.
  if (value.startsWith('AWS4-HMAC-SHA256 ')) {
    return value.replace(/(Credential=)([^/]+)/, (_, name: string, key: string) => name + mask(key))
  }
  const [, scheme, rest] = /^(Bearer|Basic) (.*)$/i.exec(value) ?? []
  return scheme === undefined || rest === undefined ? mask(value) : `${scheme} ${mask(rest)}`
}

function mask(secret: string): string {
  return `***${createHash('sha256').update(secret).digest('hex').slice(0, 6)}`
}
