/**
 * Ports that are used once: circuit breakers know a provider by host and port, and what they have learnt of one cell is
 * not to strike another. Below those that the system gives away by itself, which come back soon.
 */
export class Ports {
  readonly #firstPort: number
  #given = 0

  /** Each of the two halves of a run has ports of its own. */
  constructor(half: 'bare' | 'with') {
    this.#firstPort = half === 'bare' ? 11_000 : 21_500
  }

  /** The first port for which the work succeeds, and what it gives. */
  async try<Result>(work: (port: number) => Promise<Result>): Promise<Result> {
    for (let left = 50; ; left--) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        return await work(this.#firstPort + (this.#given++ % ports))
      } catch (error) {
        if (left === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
      }
    }
  }
}

const ports = 10_500
