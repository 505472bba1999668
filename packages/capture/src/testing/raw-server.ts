import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'

/** What the server does with a connection once a whole request has come over it. */
export type Script = (socket: Socket, request: string) => void

/** A server that speaks no HTTP by itself: what it sends, and what came, is up to the byte. */
export interface RawServer extends AsyncDisposable {
  readonly url: string
  /** The heads and bodies of the requests, as they came. */
  readonly requests: readonly string[]
  readonly connections: ReadonlySet<Socket>
  /** How many connections there have been. */
  readonly opened: () => number
}

/** Starts it on a free port of the loopback; the first part of a request's path names its script. */
export async function startRawServer(scripts: Record<string, Script>): Promise<RawServer> {
  const requests: string[] = []
  const connections = new Set<Socket>()
  let opened = 0
  const server = net.createServer((socket) => {
    opened++
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
    socket.on('error', () => {})
    let text = ''
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1')
      const head = text.indexOf('\r\n\r\n')
      if (head === -1) return
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, head))?.[1] ?? 0)
      if (text.length < head + 4 + length) return
      const request = text
      text = ''
      requests.push(request)
      scripts[/^\S+ \/([^ /?]*)/.exec(request)?.[1] ?? '']?.(socket, request)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    connections,
    opened: () => opened,
    async [Symbol.asyncDispose]() {
      for (const socket of connections) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
