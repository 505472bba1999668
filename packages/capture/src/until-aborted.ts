/** The work's outcome, or the signal's reason as soon as the signal aborts, whatever the work then does. */
export function untilAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  late: (value: T) => void = () => {},
): Promise<T> {
  if (signal === undefined) return work
  return new Promise<T>((resolve, reject) => {
    let aborted = false
    const abort = (): void => {
      aborted = true
      // oxlint-disable-next-line prefer-promise-reject-errors -- the caller's reason, as it is
      reject(signal.reason)
    }
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    work.then(
      (value) => {
        signal.removeEventListener('abort', abort)
        if (aborted) late(value)
        else resolve(value)
      },
      (error: unknown) => {
        signal.removeEventListener('abort', abort)
        // oxlint-disable-next-line prefer-promise-reject-errors -- the same object goes through
        reject(error)
      },
    )
  })
}
