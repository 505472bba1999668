import { isStreamed } from './watch.ts'
import type { Watch } from './watch.ts'

/** fetch as the agent's SDK has it, above everything else, watched. */
export function watchedFetch(
  inner: typeof globalThis.fetch,
  watch: Watch,
): typeof globalThis.fetch {
  return async function fetch(input, init) {
    const body = init?.body
    if (typeof body !== 'string') return inner(input, init)
    const watchReply = watch(body)
    const response = await inner(input, init)
    const { body: received, status, statusText, headers } = response
    if (received === null || status !== 200) return response
    const reply = watchReply({ streamed: isStreamed(headers.get('content-type')) })
    const reader = received.getReader()
    const watched = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await reader.read()
        if (done) {
          reply.end()
          controller.close()
          return
        }
        reply.bytes(value)
        controller.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    })
    const handed = new Response(watched, { status, statusText, headers })
    Object.defineProperty(handed, 'url', { value: response.url })
    return handed
  }
}
