import type { Loss } from '@holdfast/core'

/** What a request loses on its way into another format, each thing named once. */
export class Losses {
  readonly #byName = new Map<string, Loss>()

  /** Something that the answer would hardly differ without. */
  detail(what: string, where = 'request'): void {
    this.#add({ what, where, severity: 'detail' })
  }

  /** Something without which the model is asked something else. */
  meaning(what: string, where = 'request'): void {
    this.#add({ what, where, severity: 'meaning' })
  }

  get list(): readonly Loss[] {
    return [...this.#byName.values()]
  }

  #add(loss: Loss): void {
    const before = this.#byName.get(loss.what)
    if (before === undefined || (before.severity === 'detail' && loss.severity === 'meaning')) {
      this.#byName.set(loss.what, loss)
    }
  }
}
