import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'

/** What the server saw of a request. */
export interface Echo {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: string
}

/** A server that answers every request with what it saw of it, in the encoding that `?encoding=` names. */
export interface EchoServer extends AsyncDisposable {
  readonly url: string
  readonly requests: readonly Echo[]
}

const encoders: Record<string, (text: string) => Buffer> = {
  gzip: gzipSync,
  deflate: deflateSync,
  'deflate, raw': deflateRawSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
  'gzip, br': (text) => brotliCompressSync(gzipSync(text)),
}

/** Starts it on a free port of the loopback. */
export async function startEchoServer({
  remember = true,
}: { remember?: boolean } = {}): Promise<EchoServer> {
  const requests: Echo[] = []
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => {})
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const echo = { method, url, headers, body: Buffer.concat(chunks).toString() } as Echo
      if (remember) requests.push(echo)
      if (url.startsWith('/hang')) return
      const text = JSON.stringify(echo)
      const encoding = new URL(url, 'http://x').searchParams.get('encoding') ?? ''
      const encode = encoders[encoding]
      if (encode === undefined) response.setHeader('x-from', 'network')
      else response.setHeader('content-encoding', encoding.replace(', raw', ''))
      response.end(encode?.(text) ?? text)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
