/** Measures for how long this process could not work although it wanted to. */
export interface Standstill {
  /** Begins to measure; the function tells how long it was since then, in milliseconds. */
  start(): () => number
}

/** Starts measuring: a timer that comes late says by how much. */
export function standstill(): Standstill {
  let total = 0
  let last = performance.now()
  setInterval(() => {
    const now = performance.now()
    const late = now - last - everyMs
    if (late > everyMs) total += late
    last = now
  }, everyMs).unref()
  return {
    start() {
      const before = total
      return () => total - before
    },
  }
}

const everyMs = 20
