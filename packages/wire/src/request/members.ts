import { type JsonObject, object } from '../json/json.ts'

/** An object under way to being a request's body. */
export type MutableObject = Record<string, unknown>

/** Takes the members with a neutral name out of an object; what is left over is kept as it came. */
export class Members {
  readonly rest: MutableObject

  constructor(source: JsonObject) {
    this.rest = { ...source }
  }

  /** The member, taken out, where the test says that it is what is meant. */
  take<Value>(name: string, is: (value: unknown) => value is Value): Value | undefined {
    const value = this.rest[name]
    if (!is(value)) return undefined
    delete this.rest[name]
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

  /** What is left over as `extra`, where there is any. */
  extra(): { readonly extra?: JsonObject } {
    return Object.keys(this.rest).length > 0 ? { extra: this.rest } : {}
  }
}

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

/** The members that have a value: what optional properties of exact types are made from. */
export function present<Source extends object>(
  source: Source,
): { [Name in keyof Source]?: Exclude<Source[Name], undefined> } {
  return Object.fromEntries(
    Object.entries(source).filter(([, value]) => value !== undefined),
  ) as never
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
