/** Work that may wait a little. */
export interface Task {
  settle(): void
}

/**
 * Does small pieces of work in batches, a moment after they came up: ten in a row cost half of ten by themselves,
 * and nobody waits for them. Its timer does not keep the process alive.
 */
export class DeferredWork {
  readonly #delayMs: number
  readonly #ready: () => Promise<void> | undefined
  readonly #after: () => void
  readonly #bug: (error: unknown) => void
  readonly #onTimer = (): void => {
    this.#timer = undefined
    void this.flush()
  }
  #tasks: Task[] = []
  #timer: NodeJS.Timeout | undefined

  /**
   * `ready` is asked before each batch: a promise where the work has to wait for something that is being loaded.
   * `after` is called after each.
   */
  constructor(options: {
    delayMs: number
    ready: () => Promise<void> | undefined
    after: () => void
    bug: (error: unknown) => void
  }) {
    this.#delayMs = options.delayMs
    this.#ready = options.ready
    this.#after = options.after
    this.#bug = options.bug
  }

  add(task: Task): void {
    this.#tasks.push(task)
    this.#timer ??= setTimeout(this.#onTimer, this.#delayMs).unref()
  }

  /** Does all work that has come up so far. */
  async flush(): Promise<void> {
    if (this.#tasks.length === 0) return
    await this.#ready()
    this.flushNow()
  }

  /** The same without waiting for what is being loaded. */
  flushNow(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const tasks = this.#tasks
    this.#tasks = []
    for (const task of tasks) this.#attempt(() => task.settle())
    this.#attempt(this.#after)
  }

  #attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#bug(error)
    }
  }
}
