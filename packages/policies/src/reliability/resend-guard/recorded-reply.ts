import { withHeaders } from '@holdfast/core'
import type { Failure, Frame, HttpHeaders, HttpResponse, LlmReply } from '@holdfast/core'

/** A failed reply, kept so that it can be handed up as often as somebody asks. */
export interface ReplyRecord {
  readonly status: number
  readonly statusText: string
  readonly headers: HttpHeaders
  readonly streaming: boolean
  readonly failure: Failure | undefined
  readonly response: HttpResponse
  readonly frames: readonly Frame[]
  /** How the transfer broke off after the frames, if it did. */
  readonly brokenBy: { readonly error: unknown } | undefined
  /** False where there is more than is worth keeping. */
  readonly whole: boolean
}

/** Reads a failed reply. Its error status tells the SDK above not to send it again. */
export async function recordReply(reply: LlmReply, maxBytes: number): Promise<ReplyRecord> {
  const { status, statusText, streaming, failure, response } = reply
  const headers =
    status < 400 ? reply.headers : withHeaders(reply.headers, { 'x-should-retry': 'false' })
  const frames: Frame[] = []
  let bytes = 0
  let brokenBy: { readonly error: unknown } | undefined
  let whole = false
  try {
    while (bytes <= maxBytes) {
      const frame = await reply.next()
      if (frame === undefined) {
        whole = true
        break
      }
      frames.push(frame)
      bytes += frame.bytes.byteLength
    }
  } catch (error) {
    brokenBy = { error }
    whole = true
  }
  return { status, statusText, headers, streaming, failure, response, frames, brokenBy, whole }
}

/** The recorded reply as a reply; `rest` gives what the record does not hold. */
export function replyOf(record: ReplyRecord, rest?: LlmReply): LlmReply {
  const { status, statusText, headers, streaming, failure, response, frames, brokenBy } = record
  let at = 0
  return {
    status,
    statusText,
    headers,
    streaming,
    failure,
    response,
    complete: () => false,
    problem: () => undefined,
    next() {
      if (at < frames.length) return Promise.resolve(frames[at++])
      if (brokenBy !== undefined) return Promise.reject(brokenBy.error)
      return rest === undefined ? Promise.resolve(undefined) : rest.next()
    },
    cancel(reason) {
      at = frames.length
      return rest === undefined ? Promise.resolve() : rest.cancel(reason)
    },
  }
}
