import type { HttpRequest, LlmCall } from '@holdfast/core'
import { endpointName } from './endpoint-name.ts'

const names = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key']

/** On whose account a request goes. For comparing only: it holds keys as they are, so it must not be shown. */
export function credentialOf({ url, headers }: HttpRequest): string {
  for (const name of names) {
    const value = headers.get(name)
    if (value !== null) return value.startsWith('AWS4-') ? signerOf(value) : value
  }
  // Gemini takes its key in the query as well.
  return /[?&]key=([^&#]*)/.exec(url)?.[1] ?? ''
}

/** A signature of AWS is another one for each request; the id of its key tells whose it is. */
function signerOf(signature: string): string {
  return /Credential=([^/,]+)/.exec(signature)?.[1] ?? signature
}

/** One account at one endpoint. For comparing only, like the credential in it. */
export function accountOf(call: LlmCall): string {
  return `${endpointName(call)}\n${credentialOf(call.http)}`
}
