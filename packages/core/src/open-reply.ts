import type { LlmCall } from './call.ts'
import type { ReplyEvent } from './event.ts'
import type { HttpResponse } from './http.ts'
import type { Frame, LlmReply } from './reply.ts'
import type { ReplyReader } from './wire-format.ts'

const noBytes = new Uint8Array(0)

/**
 * Reads a response as the reply to a call. An error answer is read in full here, so that everybody further out
 * knows its failure; anything else is left where it is until somebody pulls.
 */
export async function openReply(call: LlmCall, response: HttpResponse): Promise<LlmReply> {
  if (response.status < 400) return replyOf(call, response, undefined)
  const bytes = (await response.body?.readAll()) ?? noBytes
  return replyOf(call, response, bytes)
}

function replyOf(
  call: LlmCall,
  response: HttpResponse,
  errorBody: Uint8Array | undefined,
): LlmReply {
  const { format, operation } = call
  const failed = errorBody !== undefined
  const streaming = call.streaming && !failed
  let reader: ReplyReader | undefined
  // Frames handed out whose events nobody has asked for yet: the reader must see bytes in order.
  let pending: LazyFrame[] = []
  let ended = false
  let endEvents: readonly ReplyEvent[] | undefined

  const parsePending = (): ReplyReader => {
    reader ??= format.replyReader({
      operation,
      streaming,
      contentType: response.headers.get('content-type'),
    })
    if (pending.length > 0) {
      const frames = pending
      pending = []
      for (const frame of frames) frame.parsed = reader.push(frame.bytes)
    }
    if (ended) endEvents ??= reader.end()
    return reader
  }

  class LazyFrame implements Frame {
    readonly bytes: Uint8Array
    readonly last: boolean
    parsed: readonly ReplyEvent[] | undefined

    constructor(bytes: Uint8Array, last: boolean) {
      this.bytes = bytes
      this.last = last
      if (!failed) pending.push(this)
    }

    get events(): readonly ReplyEvent[] {
      if (failed) return []
      if (this.parsed === undefined) parsePending()
      const events = this.parsed ?? []
      return this.last && endEvents !== undefined ? [...events, ...endEvents] : events
    }
  }

  let handedOut = false
  return {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
    streaming,
    failure: failed ? format.readFailure(response.status, response.headers, errorBody) : undefined,
    response,
    complete: () => parsePending().complete,
    problem: () => parsePending().problem,
    async next() {
      if (streaming) {
        const bytes = await response.body?.read()
        if (bytes !== undefined) return new LazyFrame(bytes, false)
        ended = true
        return undefined
      }
      if (handedOut) return undefined
      handedOut = true
      const bytes = failed ? errorBody : ((await response.body?.readAll()) ?? noBytes)
      ended = true
      return new LazyFrame(bytes, true)
    },
    async cancel(reason) {
      await response.body?.cancel(reason)
    },
  }
}
