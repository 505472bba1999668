import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { HoldfastError } from '@holdfast/core'
import type { ApprovalRequest } from '../channel.ts'
import { callbackToken, isEqual, verifyWebhook } from './webhook-signature.ts'

/** Where answers to a webhook come in: on 127.0.0.1, never on another address. */
export interface CallbackOptions {
  /** @default one that is free */
  readonly port?: number
  /** How the receiver gets here, where something stands in between: a tunnel, a proxy. @default http://127.0.0.1:<port> */
  readonly url?: string
}

/** Takes signed answers. */
export interface CallbackListener {
  /** Begins to take the answer of this question. Resolves to the address for it. */
  open(request: ApprovalRequest): Promise<string>
  close(): Promise<void>
}

const mostBytes = 1_048_576

/** Listens from the first question on. */
export function callbackListener(
  secret: string,
  { port = 0, url }: CallbackOptions,
): CallbackListener {
  const open = new Map<string, ApprovalRequest>()
  let listening: Promise<{ readonly server: Server; readonly base: string }> | undefined

  return {
    async open(request) {
      const { record, signal } = request
      const { base } = await (listening ??= listen())
      open.set(record.id, request)
      signal.addEventListener('abort', () => void open.delete(record.id), { once: true })
      return `${base}/approvals/${record.id}/${callbackToken(secret, record.id)}`
    },
    async close() {
      const { server } = (await listening?.catch(() => undefined)) ?? {}
      server?.closeAllConnections()
      server?.close()
    },
  }

  async function listen() {
    const server = createServer((request, response) => {
      answer(request, response).catch(() => response.destroy())
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
    server.unref()
    const address = server.address()
    const here = typeof address === 'object' && address !== null ? address.port : port
    return { server, base: url?.replace(/\/$/, '') ?? `http://127.0.0.1:${here}` }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, said } = await decide(request)
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
    response.end(JSON.stringify(said))
  }

  async function decide(request: IncomingMessage): Promise<{ status: number; said: unknown }> {
    if (request.method !== 'POST') return refusal(405, 'answers are posted')
    const [, id = '', token = ''] = /\/approvals\/([^/]+)\/([^/?]+)$/.exec(request.url ?? '') ?? []
    const body = await textOf(request)
    if (body === undefined) return refusal(413, 'the answer is too long')
    const signature = {
      timestamp: headerOf(request, 'holdfast-timestamp'),
      signature: headerOf(request, 'holdfast-signature'),
    }
    // Which of the two is wrong is nobody's business.
    if (!isEqual(callbackToken(secret, id), token) || !verifyWebhook(secret, body, signature)) {
      return refusal(401, 'the signature is wrong, or too old')
    }
    const said = answerOf(body)
    const asked = open.get(id)
    if (said === undefined || said.id !== id) return refusal(400, 'this is no answer to it')
    if (asked === undefined) return refusal(409, 'nobody waits for this answer any more')
    if (said.argumentsHash !== asked.record.argumentsHash) {
      return refusal(409, 'the answer is about other arguments')
    }
    const by = `webhook${typeof said.by === 'string' ? `:${said.by}` : ''}`
    try {
      const { state } =
        said.decision === 'approve'
          ? await asked.approve({ by, arguments: said.arguments })
          : await asked.deny(typeof said.reason === 'string' ? said.reason : undefined, { by })
      return { status: 200, said: { id, state } }
    } catch (error) {
      if (!HoldfastError.is(error)) throw error
      return refusal(error.code === 'OPTIONS_INVALID' ? 400 : 409, error.message)
    }
  }
}

interface Said {
  readonly id: unknown
  readonly argumentsHash: unknown
  readonly decision: 'approve' | 'deny'
  readonly arguments?: unknown
  readonly reason?: unknown
  readonly by?: unknown
}

function answerOf(body: string): Said | undefined {
  try {
    const said = JSON.parse(body) as Said | null
    const { decision } = said ?? {}
    return decision === 'approve' || decision === 'deny' ? (said ?? undefined) : undefined
  } catch {
    return undefined
  }
}

function refusal(status: number, error: string): { status: number; said: unknown } {
  return { status, said: { error } }
}

function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

async function textOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes > mostBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
