import type { Work } from '../conversation.ts'
import { stepOf } from '../conversation.ts'
import type { TruthFile } from '../truth.ts'
import type { Pass } from './death.ts'

// What ends a stream: OpenAI Chat, OpenAI Responses, Anthropic Messages.
const terminal = /data: \[DONE\]|"type":"response\.completed"|"type":"message_stop"/

/** fetch as the agent's SDK has it, above everything else: it writes down which replies the SDK has had completely. */
export function watchedFetch(
  inner: typeof globalThis.fetch,
  { work, truth, pass }: { readonly work: Work; readonly truth: TruthFile; readonly pass: Pass },
): typeof globalThis.fetch {
  return async function fetch(input, init) {
    const body = init?.body
    if (typeof body !== 'string') return inner(input, init)
    const step = stepOf(body, work)
    pass('request')
    const response = await inner(input, init)
    const { body: received, status, statusText, headers } = response
    if (received === null || status !== 200) return response
    const handed = new Response(watched(received), { status, statusText, headers })
    Object.defineProperty(handed, 'url', { value: response.url })
    return handed

    function watched(bytes: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
      const reader = bytes.getReader()
      const streamed = headers.get('content-type')?.includes('event-stream') === true
      let first = true
      let acknowledged = false
      let tail = ''
      const acknowledge = (): void => {
        if (!acknowledged) truth.write({ at: 'reply', step })
        acknowledged = true
      }
      return new ReadableStream({
        async pull(controller) {
          const { done, value } = await reader.read()
          if (done) {
            acknowledge()
            pass('last-byte')
            controller.close()
            return
          }
          if (first) pass('first-byte')
          first = false
          if (streamed) {
            tail = tail.slice(-40) + Buffer.from(value).toString('latin1')
            if (terminal.test(tail)) {
              // An SDK acts on it without waiting for the end of the body.
              acknowledge()
              pass('terminal-event')
            }
          }
          controller.enqueue(value)
        },
        cancel: (reason) => reader.cancel(reason),
      })
    }
  }
}
