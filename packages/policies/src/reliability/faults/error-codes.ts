/** Codes of an error and of what caused it, outermost first: fetch hides the one that matters behind `cause`. */
export function errorCodes(error: unknown): string[] {
  const codes: string[] = []
  let current: unknown = error
  for (let depth = 0; depth < 6 && current instanceof Error; depth++) {
    const { code, cause } = current as Error & { code?: unknown }
    // The same code stands for every reset of a stream; only the message tells that nothing was done.
    if (current.message.includes('NGHTTP2_REFUSED_STREAM')) codes.push('NGHTTP2_REFUSED_STREAM')
    // Nor has Node one for a connection that closes before TLS stands: nothing was sent.
    if (current.message.includes('before secure TLS connection')) codes.push('HANDSHAKE_CLOSED')
    // undici has one code for all that goes wrong with HTTP/2. A GOAWAY fails only what was not processed.
    if (code === 'UND_ERR_INFO' && current.message.startsWith('HTTP/2: ')) {
      const goaway = current.message.includes('"GOAWAY"')
      codes.push(goaway ? 'ERR_HTTP2_GOAWAY_SESSION' : 'ERR_HTTP2_STREAM_ERROR')
    }
    if (typeof code === 'string') codes.push(code)
    // undici's parser errors often carry no code.
    else if (current.name === 'HTTPParserError') codes.push('HPE_INVALID')
    // Happy eyeballs tries several addresses and reports them together.
    current = cause ?? (current instanceof AggregateError ? current.errors[0] : undefined)
  }
  return codes
}

/** True when the connection had answered before: a server closes idle connections whenever it likes. */
export function wasReused(error: unknown): boolean {
  let current: unknown = error
  for (let depth = 0; depth < 6 && current instanceof Error; depth++) {
    // undici's SocketError tells what the socket had seen; http's ClientRequest says it outright.
    const { socket, reusedSocket } = current as Error & {
      socket?: { bytesRead?: unknown }
      reusedSocket?: unknown
    }
    if (reusedSocket === true) return true
    if (typeof socket?.bytesRead === 'number') return socket.bytesRead > 0
    current = current.cause
  }
  return false
}
