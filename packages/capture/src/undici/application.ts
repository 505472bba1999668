import { headersFor } from './dispatch-headers.ts'
import {
  isModern,
  type DispatchController,
  type DispatchHandler,
  type DispatchHead,
  type DispatchHeaders,
  type LegacyHandler,
  type ModernHandler,
} from './dispatch-types.ts'

/** The application's side of a dispatch: tells its handler what happens, in the form that it speaks. */
export interface Application {
  /** True once the application gave up. Then it is told nothing more. */
  readonly aborted: boolean
  /** What the application gave as its reason, which may be nothing. */
  readonly reason: unknown
  start(): void
  head(head: DispatchHead): void
  data(chunk: Uint8Array): void
  end(trailers: DispatchHeaders | undefined): void
  error(error: unknown): void
  /** Resolves when the application wants more; undefined where it wants more now. */
  ready(): Promise<void> | undefined
}

/** Opens the application's side. `abort` is called at most once, when the application gives up. */
export function openApplication(
  handler: DispatchHandler,
  abort: (reason: unknown) => void,
): Application {
  let resumed: (() => void) | undefined
  let paused = false
  let completed = false
  let failed = false
  const state = { aborted: false, reason: undefined as unknown }
  const pause = (): void => {
    paused = true
  }
  const resume = (): void => {
    paused = false
    resumed?.()
    resumed = undefined
  }
  const stop = (reason?: unknown): void => {
    if (state.aborted || completed) return
    state.aborted = true
    state.reason = reason
    resume()
    abort(reason)
  }
  const controller: DispatchController = {
    get aborted() {
      return state.aborted
    },
    get reason() {
      return state.reason ?? null
    },
    get paused() {
      return paused
    },
    rawHeaders: null,
    rawTrailers: null,
    pause,
    resume,
    abort: stop,
  }
  const tell = isModern(handler)
    ? tellModern(handler, controller)
    : tellLegacy(handler, { stop, pause, resume })
  return {
    get aborted() {
      return state.aborted
    },
    get reason() {
      return state.reason
    },
    start: tell.start,
    head: tell.head,
    data: tell.data,
    end(trailers) {
      completed = true
      tell.end(trailers)
    },
    error(error) {
      // Also after the end: what a handler throws there comes back to it as an error, and some retry then.
      if (failed) return
      failed = true
      tell.error(error)
    },
    ready: () =>
      paused
        ? new Promise((resolve) => {
            resumed = resolve
          })
        : undefined,
  }
}

type Tell = Omit<Application, 'aborted' | 'reason' | 'ready'>

function tellModern(handler: ModernHandler, controller: DispatchController): Tell {
  return {
    start: () => handler.onRequestStart(controller, null),
    head({ status, statusText, headers, rawHeaders }) {
      controller.rawHeaders = rawHeaders ?? headersFor(headers, false, none)
      handler.onResponseStarted?.()
      const object = (Array.isArray(headers) ? headersFor(headers, true, none) : headers) as never
      handler.onResponseStart?.(controller, status, object, statusText)
    },
    data: (chunk) => handler.onResponseData?.(controller, bufferOf(chunk)),
    end: (trailers) => handler.onResponseEnd?.(controller, (trailers ?? {}) as never),
    error: (error) => handler.onResponseError?.(controller, error),
  }
}

function tellLegacy(
  handler: LegacyHandler,
  flow: {
    readonly stop: (reason?: unknown) => void
    readonly pause: () => void
    readonly resume: () => void
  },
): Tell {
  return {
    start: () => handler.onConnect?.(flow.stop, null),
    head({ status, statusText, headers }) {
      handler.onResponseStarted?.()
      const raw = (Array.isArray(headers) ? headers : headersFor(headers, false, none)) as Buffer[]
      if (handler.onHeaders?.(status, raw, flow.resume, statusText) === false) flow.pause()
    },
    data(chunk) {
      if (handler.onData?.(bufferOf(chunk)) === false) flow.pause()
    },
    end: (trailers) => handler.onComplete?.((trailers ?? []) as readonly Buffer[]),
    error: (error) => handler.onError?.(error),
  }
}

const none: ReadonlySet<string> = new Set()

function bufferOf(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk)
    ? chunk
    : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}
