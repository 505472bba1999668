/**
 * Calls `read` before the next time that somebody reads a global, which may not be there yet. Once.
 * Returns a function that gives it up.
 */
export function whenRead(name: string, read: () => void): () => void {
  const before = Object.getOwnPropertyDescriptor(globalThis, name)
  // Nobody can be told of what cannot be replaced.
  if (before?.configurable === false || before?.get !== undefined) return () => {}

  let put: { readonly value: unknown } | undefined =
    before === undefined ? undefined : { value: before.value }
  const get = (): unknown => {
    giveUp()
    read()
    return Reflect.get(globalThis, name) as unknown
  }
  Object.defineProperty(globalThis, name, {
    configurable: true,
    // Whoever copies all globals does not ask for this one.
    enumerable: before?.enumerable ?? false,
    get,
    set(value: unknown) {
      put = { value }
    },
  })

  function giveUp(): void {
    if (Object.getOwnPropertyDescriptor(globalThis, name)?.get !== get) return
    Reflect.deleteProperty(globalThis, name)
    if (put !== undefined) {
      const value: unknown = put.value
      Object.defineProperty(globalThis, name, {
        configurable: true,
        enumerable: true,
        writable: true,
        ...before,
        value,
      })
    }
  }
  return giveUp
}
