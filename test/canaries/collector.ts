import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'

/** A collector of OpenTelemetry: keeps everything that it is sent. */
export interface Collector extends AsyncDisposable {
  readonly url: string
  readonly paths: Set<string>
  /** Request lines, headers and bodies, one behind the other. */
  received(): Buffer
}

export async function startCollector(): Promise<Collector> {
  const pieces: Buffer[] = []
  const paths = new Set<string>()
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      paths.add(request.url ?? '')
      pieces.push(Buffer.from(`${request.url} ${request.rawHeaders.join(' ')}\n`))
      pieces.push(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body)
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    paths,
    received: () => Buffer.concat(pieces),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
