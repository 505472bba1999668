import type { HttpHeaders, HttpResponse } from '@holdfast/core'
import { ByteQueue } from '../byte-queue.ts'
import { decodedBody } from '../decoded-body.ts'
import { Networks } from '../networks.ts'
import { DispatchedHeaders } from './dispatch-headers.ts'
import {
  isModern,
  type DispatchController,
  type DispatchHandler,
  type DispatchHead,
  type DispatchHeaders,
  type LegacyHandler,
  type ModernHandler,
} from './dispatch-types.ts'

/** What undici answered: for handlers to look at, and to be handed on raw. */
export interface Network {
  readonly head: DispatchHead
  readonly headers: HttpHeaders
  readonly raw: ByteQueue
  readonly trailers: () => DispatchHeaders | undefined
}

/** The answers that came over undici. */
export const networks: Networks<Network> = new Networks()

/** One attempt: a handler to give to undici, and what becomes of it. */
export interface Attempt {
  readonly handler: DispatchHandler
  readonly response: Promise<HttpResponse>
}

/** What an attempt is to know. */
export interface AttemptOptions {
  /** The application's handler: the attempt's own speaks the same form. */
  readonly application: DispatchHandler
  readonly method: string
  /** Ends the attempt, also before it has a connection. */
  readonly signal: AbortSignal | undefined
  /** Why the signal aborted, for undici to say in its own words. */
  readonly reason: () => unknown
  /** Told of heads that announce another. */
  readonly inform: (head: DispatchHead) => void
  /** Told of the attempt's failure, before anybody else. */
  readonly failed: (error: unknown) => void
}

/** Opens an attempt. */
export function openAttempt(options: AttemptOptions): Attempt {
  const { application, method, signal, inform } = options
  const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>()
  let stop: ((reason: unknown) => void) | undefined
  let aborted: { reason: unknown } | undefined
  let raw: ByteQueue | undefined
  let trailers: DispatchHeaders | undefined
  let over = false

  const onAbort = (): void => abort(options.reason())
  const finish = (): void => {
    over = true
    signal?.removeEventListener('abort', onAbort)
  }
  const abort = (reason: unknown): void => {
    if (aborted !== undefined || over) return
    aborted = { reason }
    if (stop !== undefined) stop(reason)
    else reject(reason ?? signal?.reason)
  }
  const started = (abortUpstream: (reason: unknown) => void): void => {
    stop = abortUpstream
    if (aborted !== undefined) abortUpstream(aborted.reason)
  }
  const answered = (head: DispatchHead, flow: { pause(): void; resume(): void }): void => {
    if (head.status < 200) return inform(head)
    raw = new ByteQueue({ ...flow, cancel: abort })
    const headers = new DispatchedHeaders(head.headers)
    const mayHaveBody = method !== 'HEAD' && head.status !== 204 && head.status !== 304
    const response: HttpResponse = {
      status: head.status,
      statusText: head.statusText,
      headers,
      body: mayHaveBody ? decodedBody(raw, headers.get('content-encoding')) : undefined,
    }
    networks.add(response, { head, headers, raw, trailers: () => trailers })
    resolve(response)
  }
  const ended = (given: DispatchHeaders): void => {
    finish()
    trailers = given
    raw?.end()
  }
  const failed = (error: unknown): void => {
    finish()
    options.failed(error)
    raw?.end({ error })
    reject(error)
  }
  const shared = {
    onBodySent: (chunk: unknown) => application.onBodySent?.(chunk),
    onRequestSent: () => application.onRequestSent?.(),
  }

  const events = {
    started,
    answered,
    data: (chunk: Uint8Array) => raw?.push(chunk),
    ended,
    failed,
  }
  signal?.addEventListener('abort', onAbort, { once: true })
  const handler = isModern(application)
    ? modernHandler(shared, events)
    : legacyHandler(shared, events)
  return { handler, response: promise }
}

interface Events {
  started(abort: (reason: unknown) => void): void
  answered(head: DispatchHead, flow: { pause(): void; resume(): void }): void
  data(chunk: Uint8Array): void
  ended(trailers: DispatchHeaders): void
  failed(error: unknown): void
}

function modernHandler(
  shared: Pick<ModernHandler, 'onBodySent' | 'onRequestSent'>,
  events: Events,
): ModernHandler {
  return {
    ...shared,
    onRequestStart: (controller) => events.started((reason) => controller.abort(reason)),
    onResponseStart(controller: DispatchController, status, headers, statusText = '') {
      const { rawHeaders } = controller
      events.answered(
        { status, statusText, headers, rawHeaders },
        { pause: () => controller.pause(), resume: () => controller.resume() },
      )
    },
    onResponseData: (_, chunk) => events.data(chunk),
    onResponseEnd: (_, trailers) => events.ended(trailers),
    onResponseError: (_, error) => events.failed(error),
  }
}

function legacyHandler(
  shared: Pick<LegacyHandler, 'onBodySent' | 'onRequestSent'>,
  events: Events,
): LegacyHandler {
  let paused = false
  return {
    ...shared,
    onConnect: (abort) => events.started(abort),
    onHeaders(status, headers, resume, statusText) {
      events.answered(
        { status, statusText, headers, rawHeaders: undefined },
        {
          pause() {
            paused = true
          },
          resume() {
            paused = false
            resume()
          },
        },
      )
      return true
    },
    onData(chunk) {
      events.data(chunk)
      return !paused
    },
    onComplete: (trailers) => events.ended(trailers),
    onError: (error) => events.failed(error),
  }
}
