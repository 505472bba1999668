// The parts of undici's dispatch protocol that are used here, as versions 5 to 8 have it. Versions 5 to 7 speak the
// first form, 8 the second, and 7 understands both.

/** What is asked of a dispatcher. */
export interface DispatchOptions {
  readonly origin?: string | URL | null
  readonly path: string
  readonly method?: string
  readonly query?: Record<string, unknown> | null
  readonly headers?: unknown
  readonly body?: unknown
  readonly upgrade?: unknown
}

/** Raw headers: names and values in turn, as bytes; or an object in the newer form. */
export type DispatchHeaders = readonly (Buffer | string)[] | Record<string, string | string[]>

/** Who is told what happens to a request, in the older form. */
export interface LegacyHandler {
  onConnect?(abort: (reason?: unknown) => void, context: unknown): void
  onHeaders?(
    status: number,
    headers: readonly Buffer[],
    resume: () => void,
    statusText: string,
  ): boolean | void
  onData?(chunk: Buffer): boolean | void
  onComplete?(trailers: readonly Buffer[]): void
  onError?(error: unknown): void
  onBodySent?(chunk: unknown): void
  onRequestSent?(): void
  onResponseStarted?(): void
}

/** Steers a request under way, in the newer form. */
export interface DispatchController {
  readonly aborted: boolean
  readonly reason: unknown
  readonly paused: boolean
  rawHeaders?: unknown
  rawTrailers?: unknown
  pause(): void
  resume(): void
  abort(reason: unknown): void
}

/** Who is told what happens to a request, in the newer form. */
export interface ModernHandler {
  onRequestStart(controller: DispatchController, context: unknown): void
  onResponseStart?(
    controller: DispatchController,
    status: number,
    headers: Record<string, string | string[]>,
    statusText?: string,
  ): void
  onResponseData?(controller: DispatchController, chunk: Buffer): void
  onResponseEnd?(controller: DispatchController, trailers: Record<string, string | string[]>): void
  onResponseError?(controller: DispatchController | null, error: unknown): void
  onBodySent?(chunk: unknown): void
  onRequestSent?(): void
  onResponseStarted?(): void
}

export type DispatchHandler = LegacyHandler | ModernHandler

export type Dispatch = (this: object, options: DispatchOptions, handler: DispatchHandler) => boolean

/** The head of an answer, as the copy of undici gave it. */
export interface DispatchHead {
  readonly status: number
  readonly statusText: string
  readonly headers: DispatchHeaders
  /** Names and values as bytes, where the newer form has them beside the object. */
  readonly rawHeaders: unknown
}

/** True for the newer form. */
export function isModern(handler: DispatchHandler): handler is ModernHandler {
  return 'onRequestStart' in handler && typeof handler.onRequestStart === 'function'
}
