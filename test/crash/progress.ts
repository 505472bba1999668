/** One line that counts kills and says how long it will take, on a terminal only. */
export class Progress {
  readonly #total: number
  readonly #beganMs: number = performance.now()
  #done = 0

  constructor(total: number) {
    this.#total = total
  }

  kills(count: number): void {
    this.#done += count
    if (!process.stderr.isTTY || this.#done === 0) return
    const leftMs = ((performance.now() - this.#beganMs) / this.#done) * (this.#total - this.#done)
    process.stderr.write(
      `\r\u001B[K${this.#done} of ${this.#total} kills, ${Math.ceil(leftMs / 1_000)} s to go`,
    )
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001B[K')
  }
}
