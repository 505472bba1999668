import { writeSync } from 'node:fs'

/** What a child process tells the demo about itself. */
export type Note =
  | { readonly type: 'connection-refused'; readonly atMs: number }
  | { readonly type: 'fallback-taken'; readonly atMs: number; readonly to: string }

const reportFile = 3

/** Tells it on file descriptor 3, at once: a process that is about to end loses nothing. */
export function tell(note: Note): void {
  writeSync(reportFile, `${JSON.stringify(note)}\n`)
}

/** Milliseconds since 1970, as precise as performance.now(). */
export function now(): number {
  return performance.timeOrigin + performance.now()
}
