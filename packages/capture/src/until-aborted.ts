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
    // The promise's own functions, and nothing around them: a stack trace finds its way through those.
    work.then(resolve, reject)
    work.then(
      (value) => {
        signal.removeEventListener('abort', abort)
        if (aborted) late(value)
      },
      () => signal.removeEventListener('abort', abort),
    )
  })
}
