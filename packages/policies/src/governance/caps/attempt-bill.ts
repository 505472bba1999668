import { watchReply } from '@holdfast/core'
import type { Frame, LlmReply, ReplyWatch, Usage } from '@holdfast/core'
import type { TokenPrice } from '../../reliability/limits/options.ts'
import type { Reservation, Taken } from './reservation.ts'

/** What one attempt has reserved: settled by what its reply reports, and all of it where that breaks or is left. */
export class AttemptBill implements ReplyWatch {
  readonly #reserved: readonly Reservation[]
  readonly #price: TokenPrice | undefined
  readonly #later: (settle: () => void) => void
  #reply: LlmReply | undefined
  #usage: Usage | undefined
  #over = false

  /** `later` counts what was no more than reserved, when that is in nobody's way. */
  constructor(
    reserved: readonly Reservation[],
    price: TokenPrice | undefined,
    later: (settle: () => void) => void,
  ) {
    this.#reserved = reserved
    this.#price = price
    this.#later = later
  }

  settle(taken: Taken): void {
    // What was known to be taken is taken once, however many reservations it has.
    for (const [index, reservation] of this.#reserved.entries()) {
      reservation.settle(index === 0 || taken === 'unknown' ? taken : 'none', this.#price)
    }
  }

  /** The same reply, which settles it. */
  settledBy(reply: LlmReply): LlmReply {
    this.#reply = reply
    return watchReply(reply, this)
  }

  frame({ events }: Frame): void {
    for (const event of events) {
      if (event.type === 'usage') this.#usage = { ...this.#usage, ...event.usage }
    }
    // Nobody asks a whole answer for more than its one frame.
    if (this.#reply?.streaming === false) this.end()
  }

  end(): void {
    if (this.#over) return
    this.#over = true
    const taken = this.#reply?.complete() === true ? this.#known() : 'unknown'
    if (this.#reserved.some((one) => one.isExceededBy(taken, this.#price))) this.settle(taken)
    else this.#later(() => this.settle(taken))
  }

  error(): void {
    if (this.#over) return
    this.#over = true
    this.settle('unknown')
  }

  /** Some readers leave at the terminal event. */
  cancel(): void {
    this.end()
  }

  #known(): Taken {
    const { inputTokens = 0, outputTokens = 0 } = this.#usage ?? {}
    return this.#usage === undefined || inputTokens + outputTokens === 0 ? 'unknown' : this.#usage
  }
}
