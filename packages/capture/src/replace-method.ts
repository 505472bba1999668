import { holdMark, holdOf, type Hold, type Patch } from './hold.ts'

type Method = (...args: never[]) => unknown

// What stood in place of a function once stands there again: an application that captures and releases in turn
// keeps its optimized code.
const replacements = new WeakMap<object, { hold: Hold; replacement: Method }>()

/**
 * Puts a function in place of a method, marked as the hold's. `make` gets the original.
 * Undefined where there is nothing to replace, or where a hold has replaced it already.
 */
export function replaceMethod(
  hold: Hold,
  owner: object | undefined,
  name: string,
  make: (original: never) => Method,
  onRestore?: () => void,
): Patch | undefined {
  const original: unknown = owner === undefined ? undefined : Reflect.get(owner, name)
  if (owner === undefined || typeof original !== 'function') return undefined
  if (holdOf(original) !== undefined) return undefined
  const replacement = replacementFor(original as Method, hold, make)
  Reflect.set(owner, name, replacement)
  return {
    restore() {
      // Not where somebody put something on top: there the replacement passes straight through.
      if (Reflect.get(owner, name) === replacement) Reflect.set(owner, name, original)
      onRestore?.()
    },
  }
}

function replacementFor(original: Method, hold: Hold, make: (original: never) => Method): Method {
  const known = replacements.get(original)
  if (known?.hold === hold) return known.replacement
  const replacement = make(original as never)
  // What others hung on the original (Next.js, SDK probes, mocks) stays reachable.
  Object.setPrototypeOf(replacement, original)
  for (const name of ['name', 'length']) {
    const property = Object.getOwnPropertyDescriptor(original, name)
    if (property !== undefined) Object.defineProperty(replacement, name, property)
  }
  Object.defineProperty(replacement, holdMark, { value: hold })
  replacements.set(original, { hold, replacement })
  return replacement
}
