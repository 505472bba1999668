import { once } from 'node:events'
import { createServer } from 'node:https'
import { createServer as createNetServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { cert, key } from '../capture/localhost-certificate.ts'
import { ports, startCellLab } from './cell-lab.ts'
import type { Cell } from './cell.ts'
import type { CellResult } from './cell-result.ts'
import type { Question, Said } from './clients/client.ts'
import { clients } from './clients/index.ts'
import { errorFacts } from './error-facts.ts'
import { kindOf } from './expectations.ts'
import { sentBytes } from './sent-bytes.ts'
import type { Standstill } from './standstill.ts'

export interface RunCellOptions {
  /** When a cell that has not ended is ended from outside. */
  readonly limitMs: number
  /** How many attempts went to a host so far; undefined where nobody counts. */
  readonly attemptsTo?: (host: string) => number
  readonly standstill: Standstill
  /** Also collects what the lab sends, for comparing bytes. */
  readonly withSentBytes: boolean
}

/** Runs one cell against its own lab. */
export async function runCell(cell: Cell, options: RunCellOptions): Promise<CellResult> {
  const { tools = false, warm = false } = kindOf(cell.fault)
  await using provider = await startProvider(cell)
  const { host } = new URL(provider.baseUrl)
  const controller = new AbortController()
  const question: Question = {
    wire: cell.wire,
    stream: cell.stream,
    baseUrl: provider.baseUrl,
    tools,
    signal: controller.signal,
  }

  const said: Said = { text: '', toolCalls: [], finish: undefined }
  const client = clients[cell.client]
  const stoodStill = options.standstill.start()
  if (warm) {
    const failure = await warmUp(() =>
      client.ask(question, { text: '', toolCalls: [], finish: undefined }),
    )
    if (failure !== undefined)
      throw new Error(
        `${cell.id}: the good call before it failed, the process stood still for ${stoodStill()} ms`,
        { cause: failure },
      )
  }
  const requestsBefore = provider.requests().length
  const attemptsBefore = options.attemptsTo?.(host) ?? 0
  const start = performance.now()
  const settled = client.ask(question, said).then(
    () => ({ ended: 'answered' }) as const,
    (error: unknown) => ({ ended: 'failed', error }) as const,
  )
  const timer = new AbortController()
  const outcome = await Promise.race([
    settled,
    setTimeout(options.limitMs, { ended: 'pending' } as const, timer),
  ])
  const durationMs = performance.now() - start
  timer.abort()
  const requests = provider.requests().slice(requestsBefore)
  if (outcome.ended === 'pending') controller.abort()

  return {
    id: cell.id,
    ended: outcome.ended,
    durationMs,
    stoodStillMs: stoodStill(),
    text: said.text,
    toolCalls: said.toolCalls,
    finish: said.finish,
    error: outcome.ended === 'failed' ? errorFacts(outcome.error, client.errorClasses) : undefined,
    requests,
    attempts: options.attemptsTo && options.attemptsTo(host) - attemptsBefore,
    body: said.bytes === undefined ? undefined : Buffer.concat(said.bytes).toString('base64'),
    sent:
      options.withSentBytes && cell.client === 'fetch'
        ? await sentBytes(cell, question)
        : undefined,
  }
}

/** A good call, so that there is a connection; undefined when it worked. */
async function warmUp(ask: () => Promise<void>): Promise<unknown> {
  try {
    await ask()
    // The connection goes back to where the next call finds it.
    await setTimeout(20)
    return undefined
  } catch (error) {
    return error
  }
}

interface Provider extends AsyncDisposable {
  readonly baseUrl: string
  requests(): CellResult['requests']
}

async function startProvider(cell: Cell): Promise<Provider> {
  if (cell.fault === 'connection-refused') {
    return {
      baseUrl: await refusingUrl(),
      requests: () => [],
      [Symbol.asyncDispose]: async () => {},
    }
  }
  if (cell.fault === 'certificate-unknown') return startUnknown()
  const { lab, prefix } = await startCellLab(cell)
  return {
    baseUrl: lab.url + prefix,
    requests: () =>
      lab.requests
        .filter(({ path }) => path.startsWith(prefix))
        .map(({ atMs, endedAtMs, status, fault, outcome }) => ({
          atMs,
          endedAtMs,
          status,
          faulty: fault !== undefined,
          outcome,
        })),
    [Symbol.asyncDispose]: () => lab.close(),
  }
}

/** A server that nobody has a reason to trust. */
async function startUnknown(): Promise<Provider> {
  const server = createServer({ cert, key }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    baseUrl: `https://localhost:${(server.address() as AddressInfo).port}`,
    requests: () => [],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A port on which nobody listens. */
function refusingUrl(): Promise<string> {
  return ports.try(async (port) => {
    // Who can listen there is alone there.
    const server = createNetServer().listen(port, '127.0.0.1')
    await once(server, 'listening')
    server.close()
    await once(server, 'close')
    // Where any port will do it is one that nobody gets.
    return `http://127.0.0.1:${port === 0 ? 2 : port}`
  })
}
