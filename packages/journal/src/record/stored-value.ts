import { isAnyArrayBuffer, isArrayBufferView, isDate, isMap, isSet } from 'node:util/types'
import { deserialize, serialize } from 'node:v8'
import { HoldfastError } from '@holdfast/core'
import type { ErrorCode } from '@holdfast/core'
import type { StoredError, StoredValue } from './entries.ts'

/**
 * What a tool answered with, as it can be stored. An instance of a class comes back as JSON says it.
 * @throws for what neither JSON nor a structured clone can hold: functions, streams, cycles of instances
 */
export function storeValue(value: unknown): StoredValue {
  if (value === undefined) return { as: 'undefined' }
  if (needsClone(value, new Set()))
    return { as: 'clone', value: serialize(value).toString('base64') }
  const text = JSON.stringify(value)
  if (text === undefined) throw new TypeError(`a ${typeof value} cannot be stored`)
  return { as: 'json', value: JSON.parse(text) as unknown }
}

/** The value again, each time a fresh one. */
export function valueOf(stored: StoredValue): unknown {
  switch (stored.as) {
    case 'undefined':
      return undefined
    case 'clone':
      return deserialize(Buffer.from(stored.value, 'base64'))
    default:
      return structuredClone(stored.value)
  }
}

export function storeError(error: unknown): StoredError {
  if (!(error instanceof Error)) return { name: '', message: String(error) }
  const properties: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(error)) {
    if (['string', 'number', 'boolean'].includes(typeof value)) properties[name] = value
  }
  return {
    name: error.name,
    message: error.message,
    ...(HoldfastError.is(error) ? { code: error.code } : {}),
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
  }
}

/** An error that says what the stored one said. Its class is Error, or HoldfastError. */
export function errorOf({ name, message, code, properties }: StoredError): unknown {
  if (name === '') return message
  const error =
    code === undefined
      ? new Error(message)
      : new HoldfastError(code as ErrorCode, message.replace(`[${code}] `, ''))
  if (code === undefined) {
    Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true })
    Object.assign(error, properties)
  }
  return error
}

/**
 * True where JSON would lose something that a structured clone keeps.
 * @throws TypeError for what neither can say
 */
function needsClone(value: unknown, seen: Set<unknown>): boolean {
  switch (typeof value) {
    case 'bigint':
      return true
    case 'number':
      return !Number.isFinite(value)
    case 'function':
    case 'symbol':
      throw new TypeError(`it holds a ${typeof value}`)
    case 'object':
      return value !== null && objectNeedsClone(value, seen)
    default:
      return false
  }
}

function objectNeedsClone(value: object, seen: Set<unknown>): boolean {
  // A cycle, which JSON cannot say, or the same object again.
  if (seen.has(value)) return true
  seen.add(value)
  const isBuiltIn =
    isDate(value) ||
    isMap(value) ||
    isSet(value) ||
    isArrayBufferView(value) ||
    isAnyArrayBuffer(value)
  if (isBuiltIn) return true
  if ('toJSON' in value && typeof value.toJSON === 'function') return false
  const members: unknown[] = Object.values(value)
  if (members.length === 0 && !isPlain(value)) {
    // A stream, a Response, a promise: what it is made of cannot be seen.
    throw new TypeError(`it holds a ${value.constructor.name}`)
  }
  let needs = false
  for (const member of members) if (needsClone(member, seen)) needs = true
  return needs
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || Array.isArray(value)
}
