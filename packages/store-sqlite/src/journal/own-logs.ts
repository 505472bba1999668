import { Log, logsIn, removeLog } from './log.ts'

/** A log that is no longer is copied into the database as its process ends: few files, for those that live shortly. */
const shortLogBytes = 1024 * 1024

/** The logs that this process writes. */
export class OwnLogs {
  readonly folder: string
  readonly #logBytes: number
  /** The newest is the last; the others are there for the runs that stand in them. */
  #logs: Log[] = []

  constructor(folder: string, logBytes: number) {
    this.folder = folder
    this.#logBytes = logBytes
  }

  /** The log for runs that are acquired now. */
  now(): Log {
    const newest = this.#logs.at(-1)
    if (newest !== undefined && newest.bytes < this.#logBytes && newest.isThere) return newest
    const log = new Log(this.folder)
    if (newest !== undefined && newest.users === 0) newest.close()
    this.#logs = [...this.#logs.filter(({ isClosed }) => !isClosed), log]
    return log
  }

  /** A run is recorded there no more. A log that nobody records in any more is closed. */
  leave(log: Log): void {
    if (--log.users > 0 || log === this.#logs.at(-1)) return
    log.close()
  }

  /** Nothing more is recorded here. `adopt` copies a log into the database; where it throws the log stays. */
  end(adopt: (name: string) => void): void {
    for (const log of this.#logs) {
      log.close()
      if (log.bytes > shortLogBytes) continue
      try {
        adopt(log.name)
        removeLog(this.folder, log.name)
      } catch {
        // It stays where it is.
      }
    }
    this.#logs = []
  }

  /** Takes logs of any process away that nobody needs. */
  tidy(isNeeded: (name: string) => boolean): void {
    for (const name of logsIn(this.folder)) {
      const isOwn = this.#logs.some((log) => log.name === name)
      if (!isOwn && !isNeeded(name)) removeLog(this.folder, name)
    }
  }
}
