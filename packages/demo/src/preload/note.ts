import { writeSync } from 'node:fs'

/** What a child process tells the demo about itself. */
export interface Note {
  readonly type: 'connection-refused'
  /** Milliseconds since 1970. */
  readonly atMs: number
}

const reportFile = 3

/** Tells it on file descriptor 3, at once: a process that is about to end loses nothing. */
export function tell(note: Note): void {
  writeSync(reportFile, `${JSON.stringify(note)}\n`)
}
