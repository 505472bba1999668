import type { HttpRequest, LlmCall } from '@holdfast/core'
import type { CapLine } from './cap-lines.ts'
import type { Reservation } from './reservation.ts'

/** What one call may spend with its attempts. */
export class Spending {
  /** Of money and tokens: counted anew for each attempt. */
  readonly lines: readonly CapLine[]
  /** As the call was when it reserved. */
  readonly http: HttpRequest
  #held: Reservation | undefined

  constructor({ http }: LlmCall, held: Reservation, lines: readonly CapLine[]) {
    this.http = http
    this.#held = held
    this.lines = lines
  }

  /** What the call has reserved: the first attempt has it. */
  take(): Reservation | undefined {
    const held = this.#held
    this.#held = undefined
    return held
  }

  /** The same for an attempt that goes out as the call was: nobody further in has changed it. */
  takeFor({ http }: LlmCall): readonly Reservation[] | undefined {
    const held = http === this.http ? this.take() : undefined
    return held && [held]
  }

  /** No attempt comes any more: where none was made, nothing was spent. */
  close(): void {
    this.take()?.settle('none', undefined)
  }
}
