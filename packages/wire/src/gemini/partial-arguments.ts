import { object, text } from '../json/json.ts'

// An index comes from the network: a far one would make an array that nobody can write out.
const maxIndex = 10_000

type Container = Record<string, unknown> | unknown[]

/** Puts together the arguments of a call that Vertex AI streams value by value (`partialArgs`). */
export class PartialArguments {
  readonly value: Record<string, unknown> = {}

  add(pieces: readonly unknown[]): void {
    for (const piece of pieces) {
      const part = object(piece) ?? {}
      const steps = stepsOf(text(part['jsonPath']))
      if (steps.length === 0 || steps.some((step) => Number(step) > maxIndex)) continue
      const said =
        part['stringValue'] ?? part['numberValue'] ?? part['boolValue'] ?? part['boolean_value']
      const value = said === undefined && 'nullValue' in part ? null : said
      if (value !== undefined) this.#set(steps, value)
    }
  }

  #set(steps: readonly (string | number)[], value: unknown): void {
    let at: Container = this.value
    for (const [depth, step] of steps.entries()) {
      const before = get(at, step)
      const next = steps[depth + 1]
      if (next === undefined) {
        // A string comes in pieces under the same path.
        put(
          at,
          step,
          typeof before === 'string' && typeof value === 'string' ? before + value : value,
        )
        return
      }
      const inner: Container =
        typeof before === 'object' && before !== null
          ? (before as Container)
          : typeof next === 'number'
            ? []
            : {}
      if (inner !== before) put(at, step, inner)
      at = inner
    }
  }
}

/** `$.filters[0].name` and `$['a b']` as steps. */
function stepsOf(path: string): (string | number)[] {
  const steps: (string | number)[] = []
  for (const [, index, quoted, single, plain] of path.matchAll(
    /\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\['((?:[^'\\]|\\.)*)'\]|\.([^.[\]]+)/g,
  )) {
    if (index !== undefined) steps.push(Number(index))
    else steps.push(quoted ?? single ?? plain ?? '')
  }
  return steps
}

function get(container: Container, step: string | number): unknown {
  return Object.hasOwn(container, step)
    ? (container as Record<string | number, unknown>)[step]
    : undefined
}

function put(container: Container, step: string | number, value: unknown): void {
  // As an own member whatever its name is: `__proto__` comes from the network like any other.
  Object.defineProperty(container, step, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  })
}
