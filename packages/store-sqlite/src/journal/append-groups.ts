import type { JournalBlob, JournalEntry, JournalLease } from '@holdfast/core'

/** What somebody waits for to be written. */
export interface Append {
  readonly lease: JournalLease
  readonly entries: readonly JournalEntry[]
  readonly blobs: readonly JournalBlob[]
}

/** How appends are written. */
export interface AppendWriter {
  /** Throws where it could not be written; then nothing was. */
  insert(append: Append): void
  transaction(work: () => void): void
}

interface Waiting extends Append {
  resolve(): void
  reject(error: unknown): void
}

/** Writes what is appended in one turn of the event loop in one transaction. */
export class AppendGroups {
  readonly #writer: AppendWriter
  #waiting: Waiting[] = []

  constructor(writer: AppendWriter) {
    this.#writer = writer
  }

  add(append: Append): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...append, resolve, reject })
      if (this.#waiting.length === 1) setImmediate(this.flush)
    })
  }

  readonly flush = (): void => {
    const group = this.#waiting
    this.#waiting = []
    if (group.length < 2) {
      for (const append of group) this.#write(append)
      return
    }
    try {
      this.#writer.transaction(() => {
        for (const append of group) this.#writer.insert(append)
      })
    } catch {
      // One of them, or all: each for itself tells.
      for (const append of group) this.#write(append)
      return
    }
    for (const append of group) append.resolve()
  }

  /** One append in a transaction of its own. A single entry is one by itself. */
  #write(append: Waiting): void {
    try {
      const alone = append.entries.length === 1 && append.blobs.length === 0
      if (alone) this.#writer.insert(append)
      else this.#writer.transaction(() => this.#writer.insert(append))
      append.resolve()
    } catch (error) {
      append.reject(error)
    }
  }
}
