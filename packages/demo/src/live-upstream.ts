import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { startLab } from '@holdfast/lab'

import type { Attempt } from './attempt.ts'
import type { BadDay } from './bad-days.ts'
import type { Fate } from './day-script.ts'
import { dayScript } from './day-script.ts'
import type { Upstream } from './upstream.ts'

/** A real provider: where it is, the key for it, and the model to ask where not the agent's own choice. */
export interface RealProvider {
  readonly baseUrl: string
  readonly apiKey: string
  readonly model: string | undefined
}

/** The provider that the environment has a key for, at the address that its SDK would take. */
export function realProvider(provider: BadDay['provider']): RealProvider | undefined {
  const { env } = process
  const [apiKey, baseUrl, model] =
    provider === 'openai'
      ? [
          env['OPENAI_API_KEY'],
          env['OPENAI_BASE_URL'] || 'https://api.openai.com/v1',
          env['OPENAI_MODEL'],
        ]
      : [
          env['ANTHROPIC_API_KEY'],
          env['ANTHROPIC_BASE_URL'] || 'https://api.anthropic.com',
          env['ANTHROPIC_MODEL'],
        ]
  return apiKey ? { apiKey, baseUrl, model } : undefined
}

/**
 * The real provider with a bad day in front of it: a proxy on loopback sends each request on as it came, except those
 * that the day spoils; they go to a lab, which answers them with the fault. The backup is a
 * second proxy that spoils nothing.
 */
export async function liveUpstream(day: BadDay, real: RealProvider): Promise<Upstream> {
  const decide = dayScript(day)
  const fates = new Map<string, Fate>()
  const faulty = await startLab({
    script: (request) => {
      const fate = fates.get(request.headers[fateHeader] ?? '')
      return fate?.mishap === undefined ? {} : { fault: fate.mishap.fault }
    },
  })
  const attempts: { -readonly [Key in keyof Attempt]: Attempt[Key] }[] = []

  async function forward(
    request: IncomingMessage,
    response: ServerResponse,
    proxy: Proxy,
  ): Promise<void> {
    const body = await text(request)
    const fate = decide(body)
    const mishap = proxy.provider === 'primary' ? fate.mishap : undefined
    const attempt: (typeof attempts)[number] = {
      atMs: performance.timeOrigin + performance.now(),
      endedAtMs: undefined,
      provider: proxy.provider,
      turn: fate.turn,
      shown: mishap?.shown ?? 'sent on',
      failed: mishap !== undefined,
      abandoned: false,
    }
    attempts.push(attempt)
    const gone = new AbortController()
    response.on('close', () => {
      attempt.endedAtMs = performance.timeOrigin + performance.now()
      attempt.abandoned = !response.writableFinished && proxy.server.listening
      gone.abort()
    })
    if (mishap?.fault.name === 'provider-down') return stop(proxy.server)

    const id = String(attempts.length)
    if (mishap !== undefined) fates.set(id, fate)
    const origin = mishap === undefined ? new URL(real.baseUrl).origin : faulty.url
    const answer = await fetch(origin + (request.url ?? '/'), {
      method: request.method ?? 'POST',
      headers: { ...endToEnd(request.headers), ...(mishap ? { [fateHeader]: id } : {}) },
      body,
      signal: gone.signal,
    })
    if (mishap === undefined) {
      attempt.shown = String(answer.status)
      attempt.failed = !answer.ok
    }
    response.writeHead(answer.status, endToEnd(Object.fromEntries(answer.headers)))
    response.flushHeaders()
    if (answer.body === null) response.end()
    else await pipeline(Readable.fromWeb(answer.body), response)
  }

  const primary = await startProxy('primary', forward)
  const backup = await startProxy('backup', forward)
  const path = new URL(real.baseUrl).pathname.replace(/\/+$/, '')
  const prefix = day.provider === 'openai' ? 'OPENAI' : 'ANTHROPIC'
  return {
    env: {
      [`${prefix}_API_KEY`]: real.apiKey,
      [`${prefix}_BASE_URL`]: primary.url + path,
      ...(real.model === undefined ? {} : { [`${prefix}_MODEL`]: real.model }),
      BACKUP_BASE_URL: backup.url + path,
    },
    attempts: () => attempts,
    async close() {
      for (const { server } of [primary, backup]) stop(server)
      await faulty.close()
    },
  }
}

interface Proxy {
  readonly provider: Attempt['provider']
  readonly server: Server
  readonly url: string
}

async function startProxy(
  provider: Attempt['provider'],
  forward: (request: IncomingMessage, response: ServerResponse, proxy: Proxy) => Promise<void>,
): Promise<Proxy> {
  const server = createServer((request, response) => {
    void forward(request, response, proxy).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const proxy = { provider, server, url: `http://127.0.0.1:${port}` }
  return proxy
}

function stop(server: Server): void {
  server.close()
  server.closeAllConnections()
}

const fateHeader = 'x-holdfast-demo-fate'

/** Headers that are for the other end, and not for this connection or the encoding that fetch has undone. */
function endToEnd(headers: IncomingMessage['headers']): Record<string, string> {
  const own = new Set([
    'host',
    'connection',
    'keep-alive',
    'transfer-encoding',
    'content-length',
    'content-encoding',
    'accept-encoding',
  ])
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      own.has(name) || value === undefined ? [] : [[name, String(value)]],
    ),
  )
}
