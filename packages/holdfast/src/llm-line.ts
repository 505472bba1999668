import { randomUUID } from 'node:crypto'
import { bytesBody, compose, HoldfastError, LlmCall, openReply } from '@holdfast/core'
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
import type { Security } from '@holdfast/policies/security'
import type { RecognisedCall } from '@holdfast/wire'
import type { AwsOptions } from './aws/credentials.ts'
import { needsSignature } from './aws/needs-signature.ts'
import { modelCallMethods } from './model-calls.ts'
import type { Sightings } from './sightings.ts'
import { wire } from './wire.ts'

export interface LlmLineOptions {
  /** The first is the outermost. */
  readonly interceptors: readonly Interceptor[]
  /** Which exchanges may be model calls. */
  readonly claims: HttpHandler['claims']
  /** The run that the calling code belongs to. */
  readonly currentRun: () => Run | undefined
  readonly emit: (event: CallEvent) => void
  readonly sightings: Sightings
  readonly aws?: AwsOptions | undefined
  readonly security?: Security | undefined
}

/** The straight line of an LLM call: HTTP exchange -> Call -> interceptors -> transport -> Reply -> HTTP response. */
export function llmLine(options: LlmLineOptions): HttpHandler {
  const { interceptors, claims, sightings } = options

  return {
    methods: modelCallMethods,
    claims,

    handle(request, transport) {
      let call: LlmCall | undefined
      try {
        call = readCall(request)
      } catch (error) {
        sightings.bug('reading a request', error)
        if (options.security?.failsClosed === true) throw unread(error)
      }
      if (call === undefined) return transport(request)
      sightings.asked(call)
      return answer(call, options, transport)
    },
  }

  function readCall(request: HttpRequest): LlmCall | undefined {
    const recognised = wire().recogniseCall(request)
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
  options: LlmLineOptions,
  transport: Transport,
): Promise<HttpResponse> {
  const startedAt = performance.now()
  const line = compose(options.interceptors, (inner) =>
    inner.http === call.http || !needsSignature(inner.http)
      ? send(inner, inner.http, { call, transport })
      : sendSigned(inner, { call, transport, startedAt, options }),
  )
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
    answerLimits: facts.answerLimits,
  })
}

/** The call as the application made it, and the way that it would have taken. */
interface Way {
  readonly call: LlmCall
  readonly transport: Transport
}

/** Sends an attempt; one with another signal than the call's own has to end with that. */
async function send(attempt: LlmCall, http: HttpRequest, way: Way): Promise<LlmReply> {
  const request =
    attempt.signal === way.call.signal
      ? http
      : {
          method: http.method,
          url: http.url,
          headers: http.headers,
          body: http.body,
          signal: attempt.signal,
          layer: http.layer,
        }
  return openReply(attempt, await way.transport(request, attempt.progress))
}

/** Sends a changed request of Bedrock, whose signature does not fit any more. */
async function sendSigned(
  attempt: LlmCall,
  way: Way & { readonly startedAt: number; readonly options: LlmLineOptions },
): Promise<LlmReply> {
  const { call, startedAt, options } = way
  const { http: request } = attempt
  let signed: HttpRequest | undefined
  try {
    const { signAgain } = await import('./aws/sign-again.ts')
    const elapsedMs = performance.now() - startedAt
    signed = await signAgain({ request, original: call.http, elapsedMs }, options.aws)
  } catch (error) {
    options.sightings.bug('signing for AWS', error)
  }
  if (signed !== undefined) return send(attempt, signed, way)
  options.sightings.passing(request.layer, request.url, 'changed, but no credentials to sign it')
  if (options.security?.mayNotGoOut(call.http) === true) throw unsigned(call)
  // Unsigned it would be refused: where that is the same place, it goes out as the application made it.
  const same = attempt.host === call.host && attempt.format === call.format
  return send(attempt, same ? call.http : request, way)
}

function unread(cause: unknown): HoldfastError {
  return new HoldfastError(
    'CALL_REFUSED',
    'A request to a model could not be read, so that nobody knows what would go out with it',
    { cause },
  )
}

function unsigned({ host }: LlmCall): HoldfastError {
  return new HoldfastError(
    'CALL_REFUSED',
    `${host}: security policies have changed the request, and there are no credentials to sign it with; name them in the option aws`,
  )
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
