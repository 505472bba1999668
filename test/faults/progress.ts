/** One line that counts, on a terminal only. */
export class Progress {
  readonly #total: number
  #done = 0

  constructor(total: number) {
    this.#total = total
  }

  tick(): void {
    this.#done++
    if (process.stderr.isTTY) process.stderr.write(`\r${this.#done} of ${this.#total} cells`)
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001B[K')
  }
}
