import type { HttpRequest } from '@holdfast/core'
import { knownAdapters } from './known-adapters.ts'
import type { KnownAdapter } from './known-adapters.ts'

/** Frameworks that are at work, by what they say of themselves in a request. Nothing of it is kept. */
export function tracesIn(request: HttpRequest): readonly KnownAdapter[] {
  return knownAdapters.filter(({ trace }) => trace !== undefined && isIn(request, trace))
}

function isIn(
  { headers, body = '' }: HttpRequest,
  trace: NonNullable<KnownAdapter['trace']>,
): boolean {
  if ('header' in trace) return trace.says.test(headers.get(trace.header) ?? '')
  return typeof body === 'string' ? body.includes(trace.body) : bytesOf(body).includes(trace.body)
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
