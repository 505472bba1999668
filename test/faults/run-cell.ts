import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { startLab } from '@holdfast/lab'
import type { Lab, Step } from '@holdfast/lab'
import type { Cell } from './cell.ts'
import type { CellResult } from './cell-result.ts'
import type { Question, Said } from './clients/client.ts'
import { clients } from './clients/index.ts'
import { requestOf } from './clients/plain-fetch.ts'
import { errorFacts } from './error-facts.ts'
import { expectationOf } from './expectations.ts'

/** What the model answers where nothing goes wrong. Not ASCII alone, so that bytes and characters differ. */
export const answerText =
  'Every call ends: with the whole answer – “all of it” – or with an error that says why. Grüße, 世界 🌍!'

export interface RunCellOptions {
  /** When a cell that has not ended is ended from outside. */
  readonly limitMs: number
  /** How many attempts went to a host so far; undefined where nobody counts. */
  readonly attemptsTo?: (host: string) => number
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
      baseUrl: await refusingUrl(crc32(cell.id)),
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

/** A port on which nobody listens, below those that the system gives to the labs of other cells. */
async function refusingUrl(seed: number): Promise<string> {
  for (let offset = 0; ; offset++) {
    const port = 20_000 + ((seed + offset) % 10_000)
    if (await refuses(port)) return `http://127.0.0.1:${port}`
  }
}

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

/** A lab that answers the cell's own path alone: a late retry of another cell may have hit the same port. */
async function startCellLab(cell: Cell): Promise<{ lab: Lab; prefix: string }> {
  const { fault, details } = expectationOf(cell.fault)
  if (fault === 'connection-refused') throw new TypeError('this fault has no lab')
  const seed = crc32(cell.id)
  const prefix = `/${seed.toString(36)}`
  const strikes = { once: 1, twice: 2, always: Number.POSITIVE_INFINITY }[cell.plan]
  let arrived = 0
  const script = ({ path }: { readonly path: string }): Step => {
    if (!path.startsWith(prefix)) return { fault: 'invalid-request' }
    const struck = arrived++ < strikes
    return struck
      ? {
          text: cell.fault === 'length-cut-tool-call' ? '' : answerText,
          fault: { ...details, name: fault },
        }
      : { text: answerText }
  }
  // Circuit breakers know a provider by host and port: no two cells of a process share one.
  let lab = await startLab({ seed, script })
  while (usedUrls.has(lab.url)) {
    await lab.close()
    lab = await startLab({ seed, script })
  }
  usedUrls.add(lab.url)
  return { lab, prefix }
}

const usedUrls = new Set<string>()

/** What the lab sends for the first three requests of a cell; a body that stops is read as far as it comes. */
async function sentBytes(cell: Cell, question: Question): Promise<readonly string[] | undefined> {
  if (cell.fault === 'connection-refused') return undefined
  const { lab, prefix } = await startCellLab(cell)
  await using _ = lab
  const bodies: string[] = []
  while (bodies.length < 3) {
    const controller = new AbortController()
    const pieces: Uint8Array[] = []
    const idle = globalThis.setTimeout(() => controller.abort(), idleMs)
    try {
      const again = { ...question, baseUrl: lab.url + prefix, signal: controller.signal }
      const response = await fetch(...requestOf(again))
      for await (const piece of response.body ?? []) {
        pieces.push(piece)
        // Keep-alive bytes would go on for ever.
        if (pieces.length < 200) idle.refresh()
      }
    } catch {
      // What came before the fault is what counts.
    } finally {
      clearTimeout(idle)
    }
    bodies.push(Buffer.concat(pieces).toString('base64'))
  }
  return bodies
}

const idleMs = 500
