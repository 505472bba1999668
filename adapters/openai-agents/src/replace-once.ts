/**
 * Replaces a method for the one call that follows at once, so that the object is what it was before anybody else looks.
 * An object that cannot be changed is left as it is.
 */
export function replaceOnce<Method extends (this: never, ...args: never[]) => unknown>(
  owner: object,
  method: string,
  wrap: (original: Method) => Method,
): void {
  const original: unknown = Reflect.get(owner, method)
  if (typeof original !== 'function') return
  const before = Object.getOwnPropertyDescriptor(owner, method)
  if (before === undefined ? !Object.isExtensible(owner) : before.configurable !== true) return
  const wrapped = wrap(original as Method)
  const replacement = function replacement(this: never, ...args: never[]): unknown {
    restore()
    return wrapped.apply(this, args)
  }
  function restore(): void {
    if (Reflect.get(owner, method) !== replacement) return
    if (before === undefined) Reflect.deleteProperty(owner, method)
    else Object.defineProperty(owner, method, before)
  }
  Object.defineProperty(owner, method, {
    value: replacement,
    configurable: true,
    enumerable: before?.enumerable ?? true,
    writable: true,
  })
  // A guardrail may have refused the call after its start was announced.
  queueMicrotask(restore)
}
