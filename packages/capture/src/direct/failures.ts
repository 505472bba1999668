// What goes wrong, in the words and with the codes that fetch has for it.
// https://github.com/nodejs/undici/blob/v7.29.1/lib/core/errors.js (2026-11-21)

import type { RequestOptions } from 'node:http'
import type { Socket } from 'node:net'
import { undiciMajor } from './plain-process.ts'

interface NodeError extends Error {
  readonly code?: string
  readonly syscall?: string
}

/** The error that fetch rejects with where no answer came. */
export function fetchFailed(error: unknown): TypeError {
  return new TypeError('fetch failed', { cause: causeOf(error) })
}

/** The error that a body fails with where it was cut. */
export function terminated(error: unknown): TypeError {
  return new TypeError('terminated', { cause: causeOf(error) })
}

/** The server ended the connection, or did with it what nobody asked for. */
export function socketError(message = 'other side closed'): Error {
  return new SocketError(message, 'UND_ERR_SOCKET')
}

/** A connection took too long to be made. */
export function connectTimedOut(
  { timeout, autoSelectFamilyAttemptedAddresses: tried }: Socket,
  { host, port }: RequestOptions,
): Error {
  const where = tried === undefined ? `address: ${host}:${port}` : `addresses: ${tried.join(', ')}`
  const message = `Connect Timeout Error (attempted ${where}, timeout: ${timeout}ms)`
  return new ConnectTimeoutError(message, 'UND_ERR_CONNECT_TIMEOUT')
}

/** Nothing came over a connection for too long. */
export function timedOut(phase: 'headers' | 'body'): Error {
  return phase === 'headers'
    ? new HeadersTimeoutError('Headers Timeout Error', 'UND_ERR_HEADERS_TIMEOUT')
    : new BodyTimeoutError('Body Timeout Error', 'UND_ERR_BODY_TIMEOUT')
}

/** How the end of a connection is told that was to be the end of the answer, when it came too early. */
export function cutShort(framing: 'length' | 'chunks'): Error {
  return framing === 'chunks'
    ? parserError('Invalid EOF state', 'HPE_INVALID_EOF_STATE')
    : lengthMismatch()
}

function causeOf(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UndiciError) return error
  const { code, syscall, message } = error as NodeError
  // Node's word for a connection that the server ended.
  if (code === 'ECONNRESET' && syscall === undefined) return socketError()
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new HeadersOverflowError('Headers Overflow Error', 'UND_ERR_HEADERS_OVERFLOW')
    // Undici's parser puts up with two framings, until they do not agree.
    case 'HPE_UNEXPECTED_CONTENT_LENGTH':
    case 'HPE_INVALID_TRANSFER_ENCODING':
      return lengthMismatch()
    default:
      return code?.startsWith('HPE_') === true
        ? parserError(message.replace(/^Parse Error: /, ''), code)
        : error
  }
}

function lengthMismatch(): Error {
  return new ResponseContentLengthMismatchError(
    'Response body length does not match content-length header',
    'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  )
}

/** The undici of Node 22 keeps the parser's code, and its parser knows one protocol only. */
function parserError(why: string, code: string): Error {
  const isOld = undiciMajor < 7
  const said = isOld ? why.replace(', RTSP/ or ICE/', '') : why
  const message = `Response does not match the HTTP/1.1 protocol (${said})`
  return new HTTPParserError(message, isOld ? code : undefined)
}

class UndiciError extends Error {
  readonly code: string | undefined

  constructor(message: string, code?: string) {
    super(message)
    this.name = new.target.name
    this.code = code
    // By these undici tells its errors, whichever copy made them.
    for (const mark of ['UND_ERR', code]) {
      if (mark !== undefined) {
        Object.defineProperty(this, Symbol.for(`undici.error.${mark}`), { value: true })
      }
    }
  }
}

class SocketError extends UndiciError {}
class ConnectTimeoutError extends UndiciError {}
class HeadersTimeoutError extends UndiciError {}
class BodyTimeoutError extends UndiciError {}
class HeadersOverflowError extends UndiciError {}
class ResponseContentLengthMismatchError extends UndiciError {}
class HTTPParserError extends UndiciError {}
