import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'

/** A tool that was really executed. */
export interface Executed {
  readonly job: number
  /** Which of the model's replies was the last before it. */
  readonly reply: number
  readonly tool: string
  readonly arguments: unknown
}

/** What was executed, in a file that is only ever added to: outside of everything that Holdfast sees. */
export class TruthFile {
  readonly #descriptor: number

  constructor(path: string) {
    this.#descriptor = openSync(path, 'a', 0o600)
  }

  write(executed: Executed): void {
    writeSync(this.#descriptor, `${JSON.stringify(executed)}\n`)
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}

/** Everything that was executed. */
export function readTruth(path: string): Executed[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Executed)
}
