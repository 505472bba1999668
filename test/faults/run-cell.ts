import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { startCellLab } from './cell-lab.ts'
import type { Cell } from './cell.ts'
import type { CellResult } from './cell-result.ts'
import type { Question, Said } from './clients/client.ts'
import { clients } from './clients/index.ts'
import { errorFacts } from './error-facts.ts'
import { expectationOf } from './expectations.ts'
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
  const { tools = false } = expectationOf(cell.fault)
  await using provider = await startProvider(cell)
  const { host } = new URL(provider.baseUrl)
  const attemptsBefore = options.attemptsTo?.(host) ?? 0
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
  const requests = provider.requests()
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

/**
 * A port on which nobody listens, below those that the system gives to the labs of other cells. Never the same twice:
 * circuit breakers remember.
 */
async function refusingUrl(): Promise<string> {
  for (;;) {
    const port = 20_000 + (refusing++ % 10_000)
    if (await refuses(port)) return `http://127.0.0.1:${port}`
  }
}

let refusing = 0

function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', () => resolve(true))
  })
}
