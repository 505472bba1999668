import { type JsonObject, object } from '../json/json.ts'

/** An object under way to being a request's body. */
export type MutableObject = Record<string, unknown>

/** Takes the members with a neutral name out of an object; what is left over is kept as it came. */
export class Members {
  readonly #source: JsonObject
  readonly #taken: string[] = []
  #added: MutableObject | undefined

  constructor(source: JsonObject) {
    this.#source = source
  }

  /** The member as it came, whatever it is. */
  peek(name: string): unknown {
    return this.#source[name]
  }

  /** Is not left over. */
  drop(name: string): void {
    this.#taken.push(name)
  }

  /** The member, taken out, where the test says that it is what is meant. */
  take<Value>(name: string, is: (value: unknown) => value is Value): Value | undefined {
    const value = this.#source[name]
    if (!is(value)) return undefined
    this.#taken.push(name)
    return value
  }

  string(name: string): string | undefined {
    return this.take(name, isString)
  }

  number(name: string): number | undefined {
    return this.take(name, isNumber)
  }

  boolean(name: string): boolean | undefined {
    return this.take(name, isBoolean)
  }

  object(name: string): JsonObject | undefined {
    return this.take(name, isObject)
  }

  list(name: string): readonly unknown[] | undefined {
    return this.take(name, isList)
  }

  /** Is left over, whatever came under that name. */
  put(name: string, value: unknown): void {
    this.#added ??= {}
    this.#added[name] = value
  }

  /** What is left over. */
  get rest(): MutableObject {
    const rest: MutableObject = {}
    for (const name of Object.keys(this.#source)) {
      if (this.#taken.includes(name)) continue
      if (name !== '__proto__') rest[name] = this.#source[name]
      else Object.defineProperty(rest, name, { ...plain, value: this.#source[name] })
    }
    return this.#added === undefined ? rest : Object.assign(rest, this.#added)
  }

  /** What is left over as `extra`, where there is any. */
  extra(): { readonly extra?: JsonObject } {
    const hasMore =
      this.#added !== undefined ||
      Object.keys(this.#source).some((name) => !this.#taken.includes(name))
    return hasMore ? { extra: this.rest } : {}
  }
}

const plain = { configurable: true, enumerable: true, writable: true }

export function isString(value: unknown): value is string {
  return typeof value === 'string'
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

export function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean'
}

export function isObject(value: unknown): value is JsonObject {
  return object(value) !== undefined
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

export function isStrings(value: unknown): value is readonly string[] {
  return isList(value) && value.every(isString)
}

/** Sets a member, or removes it where the value is undefined. */
export function assign(body: MutableObject, name: string, value: unknown): void {
  if (value === undefined) delete body[name]
  else body[name] = value
}

/** True where two lists are not made of the very same pieces. */
export function changed(before: readonly unknown[], after: readonly unknown[]): boolean {
  return before.length !== after.length || before.some((piece, index) => piece !== after[index])
}
