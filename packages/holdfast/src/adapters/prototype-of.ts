/** @throws TypeError when the module exports no such class */
export function prototypeOf(exports: Readonly<Record<string, unknown>>, name: string): object {
  const exported = exports[name]
  const prototype: unknown = typeof exported === 'function' ? exported.prototype : undefined
  if (typeof prototype !== 'object' || prototype === null) {
    throw new TypeError(
      `the module exports no class ${name}; this version is not known to Holdfast`,
    )
  }
  return prototype
}
