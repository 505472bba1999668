/** How long Holdfast's policies wait in the matrix: short, so that the whole of it takes minutes. */
export const policies = {
  // Thousands of applications in one process: what one may ask of a provider in a second is not for all of them.
  retry: { maxAttempts: 3, baseDelayMs: 50, budgetPerSecond: 10_000 },
  timeout: { headersMs: 1500, firstContentMs: 1500, betweenContentMs: 1500, totalMs: 10_000 },
} as const

/** What a cell is measured by. */
export const limits = {
  maxAttempts: policies.retry.maxAttempts,
  totalMs: policies.timeout.totalMs,
} as const

/** When a bare cell is given up; most clients alone would wait minutes or for ever. */
export const bareLimitMs = 8000
