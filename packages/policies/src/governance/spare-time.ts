// Tests of applications turn their own clock.
const { setImmediate } = globalThis

/** Work that nobody waits for: done while the provider is at work, or when the process comes to rest. */
export class SpareTime {
  #work: (() => void)[] = []

  /** Does it later, after all that was put off before. */
  later(work: () => void): void {
    // fetch writes a request in the next turn of the event loop: the one after that is the first that is in nobody's way.
    if (this.#work.push(work) === 1) setImmediate(setImmediate, this.#over)
  }

  /** Does at once what was put off; false where that is nothing. */
  catchUp(): boolean {
    const work = this.#work
    if (work.length === 0) return false
    this.#work = []
    for (const one of work) attempt(one)
    return true
  }

  readonly #over = (): void => void this.catchUp()
}

/** A count that goes wrong is no reason to end the process, nor to leave out the others. */
function attempt(work: () => void): void {
  try {
    work()
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error
    process.emitWarning(`[holdfast] governance could not count a call (${name})`)
  }
}
