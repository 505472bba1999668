/** Resolves at a performance.now() time, never earlier. Rejects with the signal's reason when it aborts first. */
export function waitUntil(atMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error)
      return
    }
    let timer: NodeJS.Timeout | undefined
    const aborted = (): void => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    }
    const check = (): void => {
      const leftMs = atMs - performance.now()
      if (leftMs > 0) {
        // Timers may fire up to a millisecond early.
        timer = setTimeout(check, Math.min(Math.ceil(leftMs), longestTimerMs))
        return
      }
      signal.removeEventListener('abort', aborted)
      resolve()
    }
    signal.addEventListener('abort', aborted, { once: true })
    check()
  })
}

const longestTimerMs = 2 ** 31 - 1
