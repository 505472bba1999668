import type { TransportProgress } from '@holdfast/core'

/** What a transport tells about an attempt under way. One that tells nothing has no connect timeout. */
export interface AttemptProgress extends TransportProgress {
  /** A new connection is being opened; the connect timeout runs until `sent`. */
  connecting(): void
  /** The request is on a connection; on one that had been used before where `connecting` was not told. */
  sent(): void
}

const watcher = Symbol('who watches the attempt that ends with this signal')

type WatchedSignal = AbortSignal & { [watcher]?: AttemptProgress }

/** To whom the transport of this attempt tells its progress; undefined where nobody waits for it. */
export function attemptProgress({
  signal,
}: {
  readonly signal: AbortSignal
}): AttemptProgress | undefined {
  return (signal as WatchedSignal)[watcher]
}

/** Lets `attemptProgress` find who watches an attempt, by the signal that was made for it. */
export function watchProgress(signal: AbortSignal, progress: AttemptProgress): void {
  ;(signal as WatchedSignal)[watcher] = progress
}
