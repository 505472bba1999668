import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** How a provider answers at the moment. */
export type Mood =
  /** Well, after so long. */
  | { readonly delayMs: number }
  /** 503, after so long. */
  | { readonly deadAfterMs: number }
  /** Not before `release` is called. */
  | 'holding'

/** One request that got there. */
export interface Arrival {
  readonly worker: string
  readonly atMs: number
  endedAtMs: number | undefined
  status: number | undefined
}

/** Tokens that each good answer says it took: all that the request allows, and some of its input. */
export const tokensPerAnswer = 120

/** A provider that keeps a list of who came when. Times are Date.now(), the same clock for all processes here. */
export interface Provider extends AsyncDisposable {
  readonly url: string
  readonly arrivals: Arrival[]
  mood: Mood
  /** Answers those that are held. */
  release(): void
  /** Resolves when requests of so many workers have come. */
  heardOf(workers: number): Promise<void>
  /** Requests under way whose caller is still there. */
  underWay(): number
  /** The workers that have requests under way, those with the most first. */
  busiest(): readonly string[]
}

const answer = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'gpt-4o-mini',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }],
  usage: {
    prompt_tokens: 20,
    completion_tokens: tokensPerAnswer - 20,
    total_tokens: tokensPerAnswer,
  },
})

export async function startProvider(): Promise<Provider> {
  const arrivals: Arrival[] = []
  const held = new Set<() => void>()
  let under = 0
  const server = createServer((request, response) => {
    const arrival: Arrival = {
      worker: String(request.headers['x-worker']),
      atMs: Date.now(),
      endedAtMs: undefined,
      status: undefined,
    }
    arrivals.push(arrival)
    under++
    response.once('close', () => {
      under--
      arrival.endedAtMs = Date.now()
      if (response.writableFinished) arrival.status = response.statusCode
    })
    request.resume()
    request.once('end', () => {
      const { mood } = provider
      if (mood === 'holding') held.add(() => good(response))
      else if ('delayMs' in mood) setTimeout(() => good(response), mood.delayMs)
      else setTimeout(() => dead(response), mood.deadAfterMs)
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const provider: Provider = {
    url: `http://127.0.0.1:${port}`,
    arrivals,
    mood: { delayMs: 0 },
    release() {
      for (const answerOne of held) answerOne()
      held.clear()
    },
    underWay: () => under,
    busiest() {
      const requests = new Map<string, number>()
      for (const { worker, endedAtMs } of arrivals) {
        if (endedAtMs === undefined) requests.set(worker, (requests.get(worker) ?? 0) + 1)
      }
      return [...requests].toSorted(([, one], [, other]) => other - one).map(([worker]) => worker)
    },
    async heardOf(workers) {
      while (new Set(arrivals.map(({ worker }) => worker)).size < workers) await sleep(50)
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return provider
}

function good(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(answer)
}

function dead(response: ServerResponse): void {
  const error = { error: { message: 'down', type: 'server_error', code: null } }
  response.writeHead(503, { 'content-type': 'application/json' }).end(JSON.stringify(error))
}
