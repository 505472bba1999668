type Method = (this: never, ...args: never[]) => unknown

/** On a patched method: what it stands in for and who switches it. One patch serves every copy of Holdfast. */
const patched = Symbol.for('holdfast.patched-method')

interface PatchState {
  readonly original: Method
  /** Replaced by the newest copy of Holdfast that asks; undefined while nobody is on. */
  replacement: Method | undefined
}

/** The methods one Holdfast has patched, to be given back together. */
export class MethodPatches {
  readonly #given: (() => void)[] = []

  patch<M extends Method>(owner: object, method: string | symbol, wrap: (original: M) => M): void {
    const current: unknown = Reflect.get(owner, method)
    if (typeof current !== 'function')
      throw new TypeError(`there is no method ${String(method)} to patch`)
    const known = (current as { [patched]?: PatchState })[patched]
    if (known !== undefined) {
      if (known.replacement === undefined) this.#take(owner, method, current as Method, known, wrap)
      return
    }
    const original = current as Method
    const state: PatchState = { original, replacement: undefined }
    const standIns: Readonly<Record<PropertyKey, Method>> = {
      [method](this: never, ...args: never[]): unknown {
        return Reflect.apply(state.replacement ?? state.original, this, args)
      },
    }
    const standIn = standIns[method] as Method
    Object.defineProperty(standIn, 'length', { value: original.length, configurable: true })
    Object.defineProperty(standIn, patched, { value: state })
    const descriptor = Object.getOwnPropertyDescriptor(owner, method)
    // Behind a setter there is a variable, as of a module.
    if (descriptor?.set !== undefined) Reflect.set(owner, method, standIn)
    else {
      Object.defineProperty(owner, method, {
        value: standIn,
        writable: true,
        configurable: true,
        enumerable: descriptor?.enumerable ?? false,
      })
    }
    this.#take(owner, method, standIn, state, wrap, descriptor)
  }

  /** Gives every method back: removed where nobody patched on top, else a straight pass-through. */
  release(): void {
    for (const give of this.#given.splice(0).toReversed()) give()
  }

  #take<M extends Method>(
    owner: object,
    method: string | symbol,
    standIn: Method,
    state: PatchState,
    wrap: (original: M) => M,
    descriptor?: PropertyDescriptor,
  ): void {
    state.replacement = wrap(state.original as M)
    this.#given.push(() => {
      state.replacement = undefined
      if (Reflect.get(owner, method) !== standIn) return
      if (descriptor?.set !== undefined) Reflect.set(owner, method, state.original)
      else if (descriptor !== undefined) Object.defineProperty(owner, method, descriptor)
      else Reflect.deleteProperty(owner, method)
    })
  }
}
