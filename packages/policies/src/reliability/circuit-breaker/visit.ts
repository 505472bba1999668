import type { Circuit } from './circuit.ts'

/** One request behind a circuit. Whoever made it tells how it ended. */
export interface CircuitVisit {
  /** The request tries an open circuit. */
  readonly probe: boolean
  /** It was answered. */
  succeeded(): void
  /** It failed, or a probe came to nothing. Resolves to true when that opened the circuit. */
  failed(): Promise<boolean>
}

/** One request behind a circuit of this process. */
export class OwnVisit implements CircuitVisit {
  probe: boolean
  readonly #circuit: Circuit

  constructor(circuit: Circuit, probe: boolean) {
    this.#circuit = circuit
    this.probe = probe
  }

  succeeded(): void {
    this.#circuit.succeeded(this.#tried())
  }

  failed(): Promise<boolean> {
    return this.#circuit.failed(this.#tried())
  }

  /** A probe is one until it has told how it ended: what breaks later counts as any other request. */
  #tried(): boolean {
    const { probe } = this
    this.probe = false
    return probe
  }
}
