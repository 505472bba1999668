import type { HttpBody } from '@holdfast/core'

/** A body as the byte stream that fetch would have given: pulled only, and with nothing of the body's own in it. */
export function bodyStream(
  body: HttpBody,
  signal: AbortSignal | undefined,
  firstPull: () => void,
): ReadableStream<Uint8Array> {
  let begun = false
  let stopListening = (): void => {}

  const begin = (controller: ReadableByteStreamController): void => {
    begun = true
    firstPull()
    if (signal === undefined || signal.aborted) return
    const abort = (): void => {
      controller.error(signal.reason)
      void body.cancel(signal.reason)
    }
    signal.addEventListener('abort', abort, { once: true })
    stopListening = () => signal.removeEventListener('abort', abort)
  }

  return new ReadableStream(
    {
      type: 'bytes',
      async pull(controller: ReadableByteStreamController) {
        if (!begun) begin(controller)
        try {
          let chunk = await body.read()
          // Empty ones cannot be enqueued and say nothing.
          while (chunk?.byteLength === 0) chunk = await body.read()
          if (chunk !== undefined) {
            // A copy: enqueueing takes the buffer away from whoever still holds it.
            controller.enqueue(new Uint8Array(chunk))
            return
          }
          // Whole already, but the caller had given up on it.
          if (signal?.aborted === true) throw signal.reason
          stopListening()
          controller.close()
          controller.byobRequest?.respond(0)
        } catch (error) {
          stopListening()
          // After an abort the stream has failed already.
          if (signal?.aborted !== true || !isErrored(controller)) throw error
        }
      },
      async cancel(reason) {
        stopListening()
        await body.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}

function isErrored(controller: ReadableByteStreamController): boolean {
  return controller.desiredSize === null
}
