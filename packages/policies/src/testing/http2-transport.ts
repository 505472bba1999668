import { connect } from 'node:http2'
import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2'
import { bytesBody, httpHeaders, openReply } from '@holdfast/core'
import type { HttpResponse, LlmCall, LlmReply, Next } from '@holdfast/core'

/** The innermost step on node:http2. A session that has been closed is replaced after the request that finds out. */
export function sendOverHttp2(url: string): Next & Disposable {
  let session: ClientHttp2Session | undefined
  const send = async (call: LlmCall): Promise<LlmReply> => {
    session ??= opened(url)
    try {
      return openReply(call, await exchange(call, session))
    } catch (error) {
      if (session.closed || session.destroyed) session = undefined
      throw error
    }
  }
  return Object.assign(send, { [Symbol.dispose]: () => session?.destroy() })
}

function opened(url: string): ClientHttp2Session {
  const session = connect(url)
  session.on('error', () => {})
  return session
}

function exchange(call: LlmCall, session: ClientHttp2Session): Promise<HttpResponse> {
  const { url, method, headers, body } = call.http
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': method,
      ':path': new URL(url).pathname,
      ...Object.fromEntries(headers.entries()),
    })
    const pieces: Buffer[] = []
    let answered: IncomingHttpHeaders = {}
    stream.on('error', reject)
    stream.on('response', (head) => (answered = head))
    stream.on('data', (piece: Buffer) => pieces.push(piece))
    stream.on('end', () => {
      const pairs = Object.entries(answered).filter(([name]) => !name.startsWith(':'))
      resolve({
        status: Number(answered[':status']),
        statusText: '',
        headers: httpHeaders(pairs.map(([name, value]) => [name, String(value)] as const)),
        body: bytesBody(Buffer.concat(pieces)),
      })
    })
    stream.end(body)
  })
}
