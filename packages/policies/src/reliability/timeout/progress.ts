import type { LlmCall, TransportProgress } from '@holdfast/core'

/** What a transport tells about an attempt under way. One that tells nothing has no connect timeout. */
export interface AttemptProgress extends TransportProgress {
  /** A new connection is being opened; the connect timeout runs until `sent`. */
  connecting(): void
  /** The request is on a connection; on one that had been used before where `connecting` was not told. */
  sent(): void
}

const progressBySignal = new WeakMap<AbortSignal, AttemptProgress>()

/** To whom the transport of this attempt tells its progress; undefined where nobody waits for it. */
export function attemptProgress(call: Pick<LlmCall, 'signal'>): AttemptProgress | undefined {
  return progressBySignal.get(call.signal)
}

/** Lets `attemptProgress` find who watches the attempt that ends with this signal. */
export function watchProgress(signal: AbortSignal, progress: AttemptProgress): void {
  progressBySignal.set(signal, progress)
}
