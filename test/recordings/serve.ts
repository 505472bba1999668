import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Exchange } from './load.ts'

/** A server on loopback that gives every recorded answer under its own address. */
export interface RecordingServer {
  /** The address under which every request gets this answer. */
  baseUrl(answer: ServedAnswer): string
  close(): Promise<void>
}

/** What of an answer is served. */
export type ServedAnswer = Pick<Exchange, 'status' | 'headers' | 'body' | 'streaming'>

/** Starts the server. */
export async function serveRecordings(): Promise<RecordingServer> {
  const answers: ServedAnswer[] = []
  const server = createServer((request, response) => {
    const answer = answers[Number(request.url?.split('/')[1])]
    request.resume()
    if (answer === undefined) {
      response.writeHead(404).end()
      return
    }
    const headers = Object.entries(answer.headers).filter(([name]) =>
      /^(content-type|retry-after|x-should-retry|x-amzn-errortype)$/i.test(name),
    )
    // Some recorders kept no headers; the SDKs go by this one.
    const contentType = answer.streaming ? 'text/event-stream' : 'application/json'
    const found = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]))
    response.writeHead(answer.status, { 'content-type': contentType, ...found })
    response.end(answer.body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: (answer) => `http://127.0.0.1:${port}/${answers.push(answer) - 1}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
