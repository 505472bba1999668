import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import type { Point } from './points.ts'

/** A tool call as the model made it: which round, and which of its calls. */
export interface ToolPlace {
  readonly step: number
  readonly slot: number
}

/** What really happened, written by the agent's process as it happens. */
export type Truth =
  /** The tool began to work. */
  | ({ readonly at: 'begun' } & ToolPlace)
  /** The world has changed; the receipt is what the tool returns. */
  | ({ readonly at: 'effect'; readonly receipt: string } & ToolPlace)
  /** The framework has everything of a model's reply. */
  | { readonly at: 'reply'; readonly step: number }
  /** A tool call was shown to be in doubt, and what the person answered. */
  | ({ readonly at: 'surfaced' } & ToolPlace)
  | ({ readonly at: 'settled'; readonly as: 'again' | 'done' } & ToolPlace)
  | { readonly at: 'point'; readonly point: Point }
  /** What Holdfast said. */
  | { readonly at: 'diverged' }
  | { readonly at: 'warned'; readonly message: string }
  /** The run failed, with a code where Holdfast refused something. */
  | { readonly at: 'failed'; readonly code: string }
  | { readonly at: 'answer'; readonly text: string }

/** A file that is only ever added to, outside of every journal: what a killed process wrote to it is there. */
export class TruthFile {
  readonly #path: string
  #descriptor: number | undefined

  constructor(path: string) {
    this.#path = path
  }

  write(truth: Truth): void {
    this.#descriptor ??= openSync(this.#path, 'a', 0o600)
    writeSync(this.#descriptor, `${JSON.stringify(truth)}\n`)
  }

  read(): Truth[] {
    let text = ''
    try {
      text = readFileSync(this.#path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Truth)
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
  }
}

/** True for the same tool call. */
export function samePlace(one: ToolPlace, other: ToolPlace): boolean {
  return one.step === other.step && one.slot === other.slot
}
