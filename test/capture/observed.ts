import { setTimeout as sleep } from 'node:timers/promises'

/** What an application observed, check by check. */
export class Observed {
  readonly #outcome: Record<string, unknown> = {}
  readonly #unhandled: string[] = []
  readonly #describe: (error: unknown) => unknown

  constructor(describe: (error: unknown) => unknown = String) {
    this.#describe = describe
    process.on('unhandledRejection', (reason) => this.#unhandled.push(String(reason)))
    process.on('uncaughtException', (error) => this.#unhandled.push(`uncaught ${String(error)}`))
  }

  /** Keeps what comes of one check, and when it takes too long, that. */
  async check(name: string, work: () => unknown): Promise<void> {
    const late = sleep(5000).then(() => 'took more than 5 s')
    const done = (async () => work())().catch((error: unknown) => ['threw', this.#describe(error)])
    this.#outcome[name] = await Promise.race([done, late])
  }

  /** Prints all of it as JSON, in the last line, and ends the process. */
  async end(claimed: number): Promise<never> {
    await sleep(50)
    this.#outcome['unhandled errors'] = this.#unhandled
    console.log(JSON.stringify({ outcome: this.#outcome, claimed }))
    process.exit(0)
  }
}
