import type { HttpRequest, RequestFacts, WireFormat } from '@holdfast/core'
import { mayBeModelCall } from './endpoints/endpoints.ts'
import { providerOf } from './endpoints/provider.ts'
import { formats } from './formats.ts'

/** A request that is a model call: in which format, what the first look tells, and whose endpoint it is. */
export interface RecognisedCall {
  readonly format: WireFormat
  readonly facts: RequestFacts
  /** `gen_ai.provider.name`, or the host of a provider nobody knows. */
  readonly provider: string
}

/** Recognises a model call by its path and the shape of its body; undefined for everything else. */
export function recogniseCall(
  request: Pick<HttpRequest, 'method' | 'url' | 'body'>,
): RecognisedCall | undefined {
  if (!mayBeModelCall(request.method, request.url)) return undefined
  for (const format of formats) {
    const facts = format.recognise(request)
    if (facts !== undefined) return { format, facts, provider: providerOf(request.url) }
  }
  return undefined
}
