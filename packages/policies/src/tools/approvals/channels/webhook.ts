import { setTimeout as sleep } from 'node:timers/promises'
import { HoldfastError } from '@holdfast/core'
import type { ApprovalRecord } from '@holdfast/core/approvals'
import type { ApprovalChannel } from '../channel.ts'
import { visibleText } from '../visible-text.ts'
import { callbackListener } from './webhook-callback.ts'
import type { CallbackOptions } from './webhook-callback.ts'
import { signatureHeaders, webhookSecret } from './webhook-signature.ts'

/** Where questions are posted. */
export interface WebhookOptions {
  /** `https://…`; `http://` on this machine only. */
  readonly url: string
  /** Signs what is posted, and what comes back. @default HOLDFAST_WEBHOOK_SECRET */
  readonly secret?: string
  /** Sent along, for whoever stands in front of it. */
  readonly headers?: Readonly<Record<string, string>>
  /** @default 5 */
  readonly maxAttempts?: number
  /** Before the second attempt; doubles. @default 1_000 */
  readonly baseDelayMs?: number
  /** Of each attempt. @default 10_000 */
  readonly timeoutMs?: number
  /** Listens on this machine for answers. @default none: they come by `holdfast approvals` or the API */
  readonly callback?: CallbackOptions
}

/** Where the receiver does not say how long. */
const longestDelayMs = 60_000

/**
 * Posts each question as signed JSON.
 * @throws HoldfastError OPTIONS_INVALID for an address that others could read along, or without a secret
 */
export function webhook({
  url,
  secret: given,
  headers = {},
  maxAttempts = 5,
  baseDelayMs = 1_000,
  timeoutMs = 10_000,
  callback,
}: WebhookOptions): ApprovalChannel {
  const target = checkedUrl(url)
  const secret = webhookSecret(given)
  const listener = callback === undefined ? undefined : callbackListener(secret, callback)

  return {
    name: 'webhook',
    async tell(request) {
      const callbackUrl = await listener?.open(request)
      const body = JSON.stringify(messageOf(request.record, callbackUrl))
      for (let attempt = 1; ; attempt++) {
        const failed = await post(body, request.signal)
        if (failed === undefined) return
        if (failed.isFinal || attempt === maxAttempts) throw failed.error
        const backoffMs = Math.min(baseDelayMs * 2 ** (attempt - 1), longestDelayMs)
        const delayMs = failed.retryInMs ?? backoffMs
        await sleep(delayMs * (1 + Math.random() / 4), undefined, { signal: request.signal })
      }
    },
    close: async () => listener?.close(),
  }

  async function post(body: string, signal: AbortSignal): Promise<Failed | undefined> {
    let response: Response
    try {
      response = await fetch(target, {
        method: 'POST',
        headers: {
          ...headers,
          'content-type': 'application/json',
          ...signatureHeaders(secret, body, Date.now()),
        },
        body,
        // Whoever redirects could send it anywhere.
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      })
      await response.body?.cancel()
    } catch (error) {
      return {
        error: unreached(`${target.host} cannot be reached`, error),
        isFinal: signal.aborted,
      }
    }
    const { status, ok } = response
    if (ok) return undefined
    return {
      error: unreached(`${target.host} answered ${status}`),
      isFinal: status !== 408 && status !== 429 && status < 500,
      retryInMs: retryAfterMs(response.headers.get('retry-after')),
    }
  }
}

interface Failed {
  readonly error: unknown
  readonly isFinal: boolean
  readonly retryInMs?: number | undefined
}

function messageOf(record: ApprovalRecord, callbackUrl: string | undefined): unknown {
  const { id, tool, toolClass, rule, reason, runId, session, tenant, user, agent } = record
  const { argumentsText, argumentsHash, ordinal, createdAtMs, expiresAtMs, atExpiry } = record
  return {
    type: 'approval-asked',
    id,
    tool,
    toolClass,
    rule,
    reason,
    runId,
    session,
    tenant,
    user,
    agent,
    argumentsText,
    // For people: the same JSON, with nothing hidden in it.
    shownText: visibleText(argumentsText),
    argumentsHash,
    ordinal,
    createdAt: new Date(createdAtMs).toISOString(),
    expiresAt: new Date(expiresAtMs).toISOString(),
    atExpiry,
    callbackUrl,
  }
}

function checkedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isHere = url !== undefined && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isHere)) return url
  throw new HoldfastError(
    'OPTIONS_INVALID',
    'the approval webhook has an address that is not allowed; allowed is https://, or http:// on this machine (localhost, 127.0.0.1, [::1])',
  )
}

function unreached(what: string, cause?: unknown): Error {
  return new Error(`the approval webhook at ${what}`, cause === undefined ? {} : { cause })
}

function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined
  const seconds = Number(header)
  const ms = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1_000
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}
