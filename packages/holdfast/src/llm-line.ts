import { randomUUID } from 'node:crypto'
import { bytesBody, compose, hostOf, LlmCall, openReply } from '@holdfast/core'
import type {
  CallEvent,
  HttpBody,
  HttpHandler,
  HttpHeaders,
  HttpRequest,
  HttpResponse,
  Interceptor,
  LlmReply,
  Run,
  Transport,
} from '@holdfast/core'
import { mayBeModelCall, recogniseCall } from '@holdfast/wire'
import type { RecognisedCall } from '@holdfast/wire'
import type { Sightings } from './sightings.ts'

export interface LlmLineOptions {
  /** The first is the outermost. */
  readonly interceptors: readonly Interceptor[]
  readonly ignoreHosts: readonly string[]
  /** The run that the calling code belongs to. */
  readonly currentRun: () => Run | undefined
  readonly emit: (event: CallEvent) => void
  readonly sightings: Sightings
}

/** The straight line of an LLM call: HTTP exchange -> Call -> interceptors -> transport -> Reply -> HTTP response. */
export function llmLine(options: LlmLineOptions): HttpHandler {
  const { interceptors, ignoreHosts, sightings } = options

  return {
    methods: ['POST'],
    claims(method, url) {
      return (
        mayBeModelCall(method, url) && (ignoreHosts.length === 0 || !isIgnored(url, ignoreHosts))
      )
    },

    handle(request, transport) {
      let call: LlmCall | undefined
      try {
        call = readCall(request)
      } catch (error) {
        sightings.bug('reading a request', error)
      }
      if (call === undefined) return transport(request)
      return answer(call, interceptors, transport)
    },
  }

  function readCall(request: HttpRequest): LlmCall | undefined {
    const recognised = recogniseCall(request)
    if (recognised === undefined) {
      sightings.unknown(request)
      return undefined
    }
    sightings.caught(request, recognised.format)
    // Without policies nobody asks for more.
    return interceptors.length === 0 ? undefined : callOf(request, recognised, options)
  }
}

async function answer(
  call: LlmCall,
  interceptors: readonly Interceptor[],
  transport: Transport,
): Promise<HttpResponse> {
  const { signal } = call
  const line = compose(interceptors, (inner) => send(inner, signal, transport))
  return handOn(await line(call))
}

function callOf(
  request: HttpRequest,
  { format, facts, provider }: RecognisedCall,
  options: LlmLineOptions,
): LlmCall {
  const { headers } = request
  return new LlmCall({
    id: randomUUID(),
    format,
    operation: facts.operation,
    provider,
    model: facts.model,
    streaming: facts.streaming,
    http: request,
    run: options.currentRun(),
    signal: request.signal ?? new AbortController().signal,
    deadlineAt: announcedDeadline(headers),
    resend: wholeNumber(headers.get('x-stainless-retry-count')) ?? 0,
    emit: options.emit,
  })
}

/** Sends an attempt. `signal` is the call's own: an attempt with another one has to end with that. */
async function send(call: LlmCall, signal: AbortSignal, transport: Transport): Promise<LlmReply> {
  const { http } = call
  const request =
    call.signal === signal
      ? http
      : {
          method: http.method,
          url: http.url,
          headers: http.headers,
          body: http.body,
          signal: call.signal,
          layer: http.layer,
        }
  return openReply(call, await transport(request, call.progress))
}

/** A reply as the response that the application gets: same head, the frames' bytes. */
async function handOn(reply: LlmReply): Promise<HttpResponse> {
  const { status, statusText, headers, response } = reply
  const body =
    response.body === undefined
      ? undefined
      : reply.streaming
        ? streamBody(reply)
        : bytesBody(await readWhole(reply))
  return { status, statusText, headers, body, from: response }
}

function streamBody(reply: LlmReply): HttpBody {
  return {
    read: () => reply.next().then((frame) => frame?.bytes),
    readAll: () => readWhole(reply),
    cancel: (reason) => reply.cancel(reason),
  }
}

async function readWhole(reply: LlmReply): Promise<Uint8Array> {
  const first = await reply.next()
  if (first === undefined) return new Uint8Array(0)
  // The end is asked for too: whoever watches the reply learns there that it is over.
  let frame = await reply.next()
  if (frame === undefined) return first.bytes
  const pieces = [first.bytes]
  for (; frame !== undefined; frame = await reply.next()) pieces.push(frame.bytes)
  return Buffer.concat(pieces)
}

/** When the SDK above gives up, where it says so: `x-stainless-timeout`, in seconds. */
function announcedDeadline(headers: HttpHeaders): number | undefined {
  const seconds = wholeNumber(headers.get('x-stainless-timeout'))
  return seconds === undefined || seconds === 0 ? undefined : performance.now() + seconds * 1000
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

function isIgnored(url: string, hosts: readonly string[]): boolean {
  const host = hostOf(url).replace(/:\d+$/, '').toLowerCase()
  return hosts.some((ignored) => host === ignored || host.endsWith(`.${ignored}`))
}
