import type { ToolResultForm } from '@holdfast/core'

const mostDepth = 20

/** Every text of a result. */
export function textsOf(value: unknown, form: ToolResultForm | undefined): readonly string[] {
  const texts: string[] = []
  changed(plainOf(value, form), (text) => {
    texts.push(text)
    return text
  })
  return texts
}

/**
 * A result with its texts changed; the same value where none is. `left` is how many bytes of all of them are left.
 * Results in a framework's own classes are taken apart and made again by the framework's adapter.
 */
export function withTexts(
  value: unknown,
  form: ToolResultForm | undefined,
  change: (text: string, left: number) => string,
  maxBytes: number = Infinity,
): unknown {
  // Nothing else holds a text; and NaN is not equal to itself.
  if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) return value
  const plain = plainOf(value, form)
  let left = maxBytes
  const after = changed(plain, (text) => {
    const result = change(text, left)
    if (left !== Infinity) left = Math.max(0, left - Buffer.byteLength(text))
    return result
  })
  if (after === plain) return value
  return plain === value ? after : form?.restore(after)
}

/** The result as plain data: a framework's message as it is stored. */
function plainOf(value: unknown, form: ToolResultForm | undefined): unknown {
  if (typeof value !== 'object' || value === null || isPlain(value)) return value
  try {
    return form?.store(value) ?? value
  } catch {
    return value
  }
}

function changed(value: unknown, change: (text: string) => string, depth = 0): unknown {
  if (typeof value === 'string') return change(value)
  if (depth > mostDepth || typeof value !== 'object' || value === null || !isPlain(value))
    return value
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value
    const after = list.map((element) => changed(element, change, depth + 1))
    return after.some((element, at) => !Object.is(element, list[at])) ? after : value
  }
  let some = false
  const after = Object.entries(value).map(([name, member]): [string, unknown] => {
    const one = changed(member, change, depth + 1)
    some ||= !Object.is(one, member)
    return [name, one]
  })
  return some ? Object.fromEntries(after) : value
}

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
