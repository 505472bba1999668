// Prints, as JSON, what a server with TLS, which takes HTTP/2 and HTTP/1.1, sees of fetch: bare, then of two calls that are captured.
import { once } from 'node:events'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { bypass, capture } from '@holdfast/capture'
import { cert, key } from './localhost-certificate.ts'

process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
const server = http2.createSecureServer({ key, cert, allowHTTP1: true }, (request, response) => {
  const { servername, alpnProtocol } = request.socket as TLSSocket & { servername?: string }
  const headers = Object.entries(request.headers).map(
    ([name, value]) => `${name}: ${String(value)}`,
  )
  const { httpVersion } = request
  response.end(
    JSON.stringify({ httpVersion, servername, alpnProtocol, headers: headers.toSorted() }),
  )
})
server.listen(0)
await once(server, 'listening')
const url = `https://localhost:${(server.address() as AddressInfo).port}/`

capture({ claims: () => true, handle: (request, transport) => transport(request) })
const call = async (): Promise<unknown> => (await fetch(url, { method: 'POST', body: '{}' })).json()
const bare = await bypass(call)
const captured = [await call(), await call()]
console.log(JSON.stringify({ bare, captured }))
process.exit(0)
