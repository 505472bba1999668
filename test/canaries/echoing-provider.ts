import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A provider that tells back everything that it was sent, in every place of its errors. */
export interface EchoingProvider extends AsyncDisposable {
  readonly url: string
}

/** Answers by the first step of the path: `/401`, `/400`, `/429`, `/500`, `/page`, `/stream`. */
export async function startEchoingProvider(): Promise<EchoingProvider> {
  const server = createServer((request, response) => {
    void text(request).then((body) => answer(request, body, response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function answer(request: IncomingMessage, body: string, response: ServerResponse): void {
  const { url = '', rawHeaders } = request
  const [, kind = ''] = url.split('/')
  const echo = `you sent ${url} ${rawHeaders.join(' ')} ${body}`
  // Headers take no line feeds and nothing beyond Latin-1.
  const inHeader = rawHeaders.join(' ').replaceAll(/[^ -~]/g, '?')
  const headers = {
    'x-request-id': inHeader,
    'www-authenticate': `Bearer realm="${inHeader.replaceAll('"', '')}"`,
    'set-cookie': `echo=${encodeURIComponent(inHeader)}`,
  }
  // What it calls the error is what it was sent, too; but not to Anthropic's SDK, which puts that into a span of its own.
  const { authorization, 'x-goog-api-key': googleKey } = request.headers
  const sent = url.includes('/messages') ? 'forbidden' : String(authorization ?? googleKey)
  switch (kind) {
    case 'page':
      response.writeHead(200, { ...headers, 'content-type': 'text/html' })
      response.end(`<html><body>${echo}</body></html>`)
      break
    case 'stream': {
      response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' })
      const delta = {
        id: 'c',
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta: { content: `Hello ${echo}` } }],
      }
      response.write(`data: ${JSON.stringify(delta)}\n\n`)
      response.end(
        `data: ${JSON.stringify({ error: { message: echo, type: 'server_error' } })}\n\n`,
      )
      break
    }
    default: {
      const isEcho = kind === '403'
      response.writeHead(Number(kind), { ...headers, 'content-type': 'application/json' })
      const error = {
        message: echo,
        type: isEcho ? sent : 'invalid_request_error',
        code: isEcho ? sent : 'invalid_api_key',
        param: echo,
        status: isEcho ? sent : 'UNAUTHENTICATED',
      }
      response.end(JSON.stringify({ type: 'error', error, request_id: inHeader }))
    }
  }
}
