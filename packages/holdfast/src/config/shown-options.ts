import { hash } from 'node:crypto'

/** What may be seen of the options: JSON, without what opens something. A function is the hash of its text. */
export type ShownOptions = Readonly<Record<string, unknown>>

const keyName = /key|token|secret|password|credential|authorization|headers$/i

/** The options as they may be written down or compared: no key, no password in an address. */
export function shownOptions(options: object): ShownOptions {
  return shown(options, '') as ShownOptions
}

function shown(value: unknown, name: string): unknown {
  if (typeof value === 'function') return `function ${hash('sha256', String(value)).slice(0, 16)}`
  if (isKey(name, value)) return 'a key'
  if (typeof value === 'string') return value.replace(/\/\/[^\s/@]*@/, '//')
  if (value instanceof RegExp) return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((member: unknown) => shown(member, ''))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return `a ${value.constructor.name}`
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shown(member, key)]))
}

/** `maxTokens: 5` and `token: true` are none. */
function isKey(name: string, value: unknown): boolean {
  if (!keyName.test(name) || /^max|Env$/.test(name)) return false
  return typeof value === 'string' || (typeof value === 'object' && value !== null)
}
