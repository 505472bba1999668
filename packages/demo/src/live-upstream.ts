import type { IncomingMessage, ServerResponse } from 'node:http'
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
 * that the day spoils; they go to a lab, which answers them with the fault. The backup is the provider itself.
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

  const server = createServer((request, response) => {
    void forward(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    const fate = decide(body)
    const spoiled = fate.mishap !== undefined
    const attempt: (typeof attempts)[number] = {
      atMs: performance.timeOrigin + performance.now(),
      endedAtMs: undefined,
      provider: 'primary',
      turn: fate.turn,
      shown: fate.mishap?.shown ?? 'sent on',
      failed: spoiled,
      abandoned: false,
    }
    attempts.push(attempt)
    const gone = new AbortController()
    response.on('close', () => {
      attempt.endedAtMs = performance.timeOrigin + performance.now()
      attempt.abandoned = !response.writableFinished && server.listening
      gone.abort()
    })
    if (fate.mishap?.fault.name === 'provider-down') {
      server.close()
      server.closeAllConnections()
      return
    }

    const id = String(attempts.length)
    if (spoiled) fates.set(id, fate)
    const origin = spoiled ? faulty.url : new URL(real.baseUrl).origin
    const answer = await fetch(origin + (request.url ?? '/'), {
      method: request.method ?? 'POST',
      headers: { ...endToEnd(request.headers), ...(spoiled ? { [fateHeader]: id } : {}) },
      body,
      signal: gone.signal,
    })
    if (!spoiled) attempt.shown = String(answer.status)
    if (!answer.ok) attempt.failed = true
    response.writeHead(answer.status, endToEnd(Object.fromEntries(answer.headers)))
    response.flushHeaders()
    if (answer.body === null) response.end()
    else await pipeline(Readable.fromWeb(answer.body), response)
  }

  const { port } = server.address() as AddressInfo
  const path = new URL(real.baseUrl).pathname.replace(/\/+$/, '')
  const prefix = day.provider === 'openai' ? 'OPENAI' : 'ANTHROPIC'
  return {
    env: {
      [`${prefix}_API_KEY`]: real.apiKey,
      [`${prefix}_BASE_URL`]: `http://127.0.0.1:${port}${path}`,
      ...(real.model === undefined ? {} : { [`${prefix}_MODEL`]: real.model }),
      BACKUP_BASE_URL: real.baseUrl,
    },
    attempts: () => attempts,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      await faulty.close()
    },
  }
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
