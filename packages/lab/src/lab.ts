import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'

import { signatureProblem } from './aws-signature.ts'
import { checkStep } from './check.ts'
import { portOf } from './dead-port.ts'
import { parsedJson } from './json.ts'
import { askedFor, modelCallMoves } from './model-call.ts'
import { wholeMoves } from './move.ts'
import type { Move } from './move.ts'
import type { Stage } from './perform.ts'
import { perform } from './perform.ts'
import { random } from './random.ts'
import type { LabRequest, Outcome, RequestRecord } from './request.ts'
import { maskedHeaders, maskedPath } from './request.ts'
import { route } from './route.ts'
import type { Script, Step } from './script.ts'
import { sideEndpoint } from './side-endpoints.ts'
import { isSteps, stepOf } from './step-of.ts'

/** How a lab is started. */
export interface LabOptions {
  /** What it answers. @default a plain good answer to everything */
  readonly script?: Script
  /** Decides ids, padding and everything else that is made up. @default 1 */
  readonly seed?: number
  /** @default 0, any free port */
  readonly port?: number
  /** Where it listens. @default '127.0.0.1' */
  readonly host?: string
  /** Lets it listen on an address that other machines reach. @default false */
  readonly allowRemote?: boolean
  /** The pause between two pieces of a body. @default 0 */
  readonly chunkDelayMs?: number
  /** How many requests it remembers; older ones are forgotten. @default all */
  readonly keepRequests?: number
  /**
   * The secrets of AWS access keys, by the keys' ids. Where they are named, a Bedrock request whose signature does not
   * fit is answered as AWS does it. @default signatures are not looked at
   */
  readonly awsSecrets?: Readonly<Record<string, string>>
  /** Awaited before each piece of a body is sent, so that a stream can wait for its reader. */
  readonly beforePiece?: (piece: Piece) => void | Promise<void>
  /** Told when a request has arrived and when it has ended. */
  readonly onRequest?: (request: LabRequest, phase: 'arrived' | 'ended') => void
}

/** A piece of a body that is about to be sent. */
export interface Piece {
  readonly request: LabRequest
  /** Its place in the body, from 0. */
  readonly index: number
  readonly bytes: Uint8Array
}

/** A provider simulator that runs. */
export interface Lab extends AsyncDisposable {
  /** Where it listens, such as http://127.0.0.1:41234. */
  readonly url: string
  /** What to give to each SDK as its base URL. */
  readonly baseUrls: {
    readonly openai: string
    readonly anthropic: string
    readonly gemini: string
    readonly bedrock: string
    readonly cohere: string
    readonly mistral: string
    readonly ollama: string
  }
  /** Everything that arrived, in order. */
  readonly requests: readonly LabRequest[]
  /** Forgets the requests and starts the script again, or a new one. */
  reset(script?: Script): void
  /** Stops listening and ends every connection, also those that hang. */
  close(): Promise<void>
}

const loopback = new Set(['127.0.0.1', 'localhost', '::1'])

/** Starts a provider simulator: a real HTTP server on loopback that speaks every wire by path. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const { seed = 1, port = 0, host = '127.0.0.1', allowRemote = false } = options
  const { keepRequests = Number.POSITIVE_INFINITY, onRequest, awsSecrets } = options
  if (!loopback.has(host) && !allowRemote) {
    throw new TypeError(
      `host "${host}" is no loopback address (${[...loopback].join(', ')}); allowRemote: true lets other machines in`,
    )
  }
  let script = checkScript(options.script ?? {})
  let requests: RequestRecord[] = []
  let arrived = 0
  let modelCalls = 0
  let connections = 0
  let closing = false
  const sockets = new Map<Socket, { readonly number: number; requests: number }>()

  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0, noDelay: true })
  server.on('connection', (socket) => {
    sockets.set(socket, { number: connections++, requests: 0 })
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('clientError', (_, socket) => socket.destroy())
  server.on('request', (message, response) => {
    void answer(message, response).catch((error: unknown) => failLoudly(response, error))
  })

  await listen(port)
  const listeningPort = portOf(server)
  const url = `http://${host === '::1' ? '[::1]' : host}:${listeningPort}`

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const atMs = performance.now()
    const { socket } = message
    const connection = sockets.get(socket) ?? { number: -1, requests: 0 }
    const reusedConnection = connection.requests++ > 0
    const goneController = new AbortController()
    response.on('error', () => {})

    let record: RequestRecord | undefined
    const settle = (outcome: Outcome): void => {
      if (record?.outcome !== 'pending') return
      record.outcome = outcome
      record.endedAtMs = performance.now()
      onRequest?.(record, 'ended')
    }
    response.on('close', () => {
      const failed = closing ? 'cut-by-lab' : 'aborted-by-client'
      settle(response.writableFinished ? 'answered' : failed)
      goneController.abort()
    })

    const bodyText = await readBody(message)
    if (bodyText === undefined) return
    const method = message.method ?? 'GET'
    const path = message.url ?? '/'
    const found = route(method, path)
    const body = parsedJson(bodyText)
    const asked = askedFor(found, body)
    const isModelCall = found.endpoint === 'model-call'
    record = {
      index: arrived++,
      callIndex: isModelCall ? modelCalls++ : -1,
      atMs,
      wire: found.wire,
      method,
      path: maskedPath(path),
      headers: maskedHeaders(message.headers),
      body,
      bodyText,
      model: asked.model,
      streaming: isModelCall && asked.streaming,
      fault: undefined,
      connection: connection.number,
      reusedConnection,
      outcome: 'pending',
    }
    requests.push(record)
    if (requests.length > keepRequests) requests.shift()
    const request = record
    const made = random(seed, request.index)

    const signed = awsSecrets !== undefined && found.family.startsWith('bedrock')
    const unsigned = signed ? signatureProblem(message, bodyText, awsSecrets) : undefined
    const step = isModelCall && unsigned === undefined ? await stepFor(request) : {}
    const moves = unsigned
      ? unsignedMoves(unsigned)
      : isModelCall
        ? modelCallMoves(request, asked, step, made)
        : sideEndpoint(found, { method, path: request.path, body: asked.body, bodyText }, made)
    onRequest?.(request, 'arrived')
    const stage: Stage = {
      response,
      socket,
      gone: goneController.signal,
      chunkDelayMs: step.chunkDelayMs ?? options.chunkDelayMs ?? 0,
      beforePiece: (index, bytes) => options.beforePiece?.({ request, index, bytes }),
      settle,
      headSent: (status) => {
        request.status = status
      },
      goDown,
    }
    await perform(step.delayMs ? [{ do: 'wait', ms: step.delayMs }, ...moves] : moves, stage)
  }

  async function stepFor(request: LabRequest): Promise<Step> {
    return checkStep(await stepOf(script, request), `the step for model call ${request.callIndex}`)
  }

  function goDown(ms: number): void {
    server.close()
    for (const socket of sockets.keys()) socket.resetAndDestroy()
    void comeBack(ms)
  }

  async function comeBack(afterMs: number): Promise<void> {
    await setTimeout(afterMs, undefined, { ref: false })
    if (closing || server.listening) return
    try {
      await listen(listeningPort)
    } catch {
      // Somebody else has the port for a moment.
      return await comeBack(20)
    }
    if (closing) server.close()
  }

  async function listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, () => {
        server.off('error', reject)
        resolve()
      })
    })
  }

  async function close(): Promise<void> {
    closing = true
    const closed = new Promise<void>((resolve) => {
      if (server.listening) server.close(() => resolve())
      else resolve()
    })
    for (const socket of sockets.keys()) socket.destroy()
    await closed
  }

  return {
    url,
    baseUrls: {
      openai: `${url}/v1`,
      anthropic: url,
      gemini: url,
      bedrock: url,
      cohere: url,
      mistral: url,
      ollama: url,
    },
    get requests() {
      return requests
    },
    reset(next) {
      if (next !== undefined) script = checkScript(next)
      requests = []
      arrived = 0
      modelCalls = 0
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function unsignedMoves({ type, message }: { type: string; message: string }): readonly Move[] {
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': type }
  return wholeMoves(403, headers, JSON.stringify({ message }))
}

async function readBody(message: IncomingMessage): Promise<string | undefined> {
  try {
    return await text(message)
  } catch {
    // The client went away while it was still sending: nothing arrived that could be answered.
    return undefined
  }
}

function checkScript(script: Script): Script {
  if (typeof script === 'function') return script
  if (!isSteps(script)) return checkStep(script, 'script')
  for (const [index, step] of script.entries()) checkStep(step, `script[${index}]`)
  return script
}

/** A script that throws is a mistake in a test: the answer says what went wrong, and no client tries again. */
function failLoudly(response: ServerResponse, error: unknown): void {
  const message = `The lab could not answer: ${error instanceof Error ? error.message : String(error)}`
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const body = JSON.stringify({
    error: { message, type: 'lab_error', code: 'lab_error' },
  })
  response
    .writeHead(500, { 'content-type': 'application/json', 'x-should-retry': 'false' })
    .end(body)
}
