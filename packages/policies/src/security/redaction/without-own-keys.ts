import { HoldfastError } from '@holdfast/core'
import type { HttpRequest, LlmCall, LlmRequest } from '@holdfast/core'
import type { OwnKeys } from '../keys/own-keys.ts'
import { ownKeyKind } from './options.ts'
import { markFor } from './placeholders.ts'

/** The text of a request's body, for a search; bytes are taken as they are. */
export function bodyText({ body }: HttpRequest): string {
  if (typeof body === 'string') return body
  if (body === undefined) return ''
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1')
}

/**
 * The call without keys of this process in what is no text of its messages: parameters of the provider, tools that it
 * runs itself. A member that is made for a key keeps it: the provider is to use it.
 * @throws HoldfastError CALL_REFUSED where a key would still go out
 */
export function withoutOwnKeys(call: LlmCall, keys: OwnKeys): LlmCall {
  const { request } = call
  const cut = (value: unknown) => mapUnlessCredential(value, (text) => cutKeys(text, keys))
  const cleaned: LlmRequest = {
    ...request,
    extra: cut(request.extra) as LlmRequest['extra'],
    tools: request.tools.map((tool) => {
      const provider = cut(tool.provider)
      return provider === tool.provider ? tool : { ...tool, provider }
    }),
  }
  const changed =
    cleaned.extra !== request.extra ||
    cleaned.tools.some((tool, index) => tool !== request.tools[index])
  const next = changed ? call.with({ request: cleaned }) : call
  let left = false
  const { body } = next.http
  mapUnlessCredential(
    JSON.parse(typeof body === 'string' ? body : Buffer.from(body ?? '').toString()),
    (text) => {
      left ||= keys.in(text)
      return text
    },
  )
  if (!left) return next
  throw new HoldfastError(
    'CALL_REFUSED',
    `The request to ${call.model} holds a key of this process in a place where it cannot be taken out; take it out of the request`,
  )
}

function cutKeys(text: string, keys: OwnKeys): string {
  let result = ''
  let at = 0
  for (const [start, end] of keys.placesIn(text)) {
    if (start < at) continue
    result += text.slice(at, start) + markFor(ownKeyKind)
    at = end
  }
  return result + text.slice(at)
}

/** Members that a provider takes a key in. */
const credential =
  /^(?:authorization(?:_token)?|headers|api[_-]?key|key|(?:access[_-]?)?token|password|secret)$/i

function mapUnlessCredential(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const list = value.map((one) => mapUnlessCredential(one, map))
    return list.some((one, index) => one !== value[index]) ? list : value
  }
  let changed: Record<string, unknown> | undefined
  for (const [name, member] of Object.entries(value)) {
    if (credential.test(name)) continue
    const next = mapUnlessCredential(member, map)
    if (next !== member) (changed ??= { ...value })[name] = next
  }
  return changed ?? value
}
