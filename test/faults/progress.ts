/** One line that counts, on a terminal only. */
export class Progress {
  readonly #total: number
  readonly #what: string
  #done = 0

  constructor(total: number, what: string = 'cells') {
    this.#total = total
    this.#what = what
  }

  tick(): void {
    this.#done++
    if (process.stderr.isTTY)
      process.stderr.write(`\r${this.#done} of ${this.#total} ${this.#what}`)
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001B[K')
  }
}
