/**
 * The prototype of a class that a module exports.
 * @throws when the module exports no such class.
 */
export function prototypeOf(exports: Readonly<Record<string, unknown>>, name: string): object {
  const exported = exports[name]
  if (typeof exported !== 'function') {
    throw new TypeError(
      `the module exports no class ${name}; this version is not known to Holdfast`,
    )
  }
  return exported.prototype as object
}
