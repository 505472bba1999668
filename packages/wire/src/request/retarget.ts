import { hostOf, type HttpRequest, type Target, withHeaders } from '@holdfast/core'
import { knownProvider } from '../endpoints/provider.ts'

/** What a format's SDKs do with a base URL and a key. */
export interface AddressRules {
  /** What the SDK adds to the base URL to get to this path. */
  suffix(path: string, base: string): string
  /** The headers that carry the key, the ones to remove undefined. */
  keyHeaders(apiKey: string, request: HttpRequest, url: string): Record<string, string | undefined>
}

const noKey = {
  authorization: undefined,
  'x-api-key': undefined,
  'x-goog-api-key': undefined,
  'api-key': undefined,
}

// They name an account at the provider that the request was meant for.
const accountHeaders = {
  'openai-organization': undefined,
  'openai-project': undefined,
  cookie: undefined,
}

/** `retarget` of a format: the same request for another address or key. */
export function retargetWith(
  rules: AddressRules,
): (http: HttpRequest, target: Target) => HttpRequest {
  return (http, { baseUrl, apiKey, keepKey = false }) => {
    let url = http.url
    let headers = http.headers
    if (baseUrl !== undefined) {
      url = joined(rules, http.url, baseUrl)
      headers = withHeaders(headers, { host: undefined })
    }
    const moved = hostOf(url) !== hostOf(http.url)
    if (moved && !keepKey) {
      headers = withHeaders(headers, { ...accountHeaders, ...noKey })
      if (apiKey === undefined) url = url.replace(/([?&])key=[^&#]*&?/, '$1').replace(/[?&]$/, '')
    }
    if (apiKey !== undefined) {
      headers = withHeaders(headers, rules.keyHeaders(apiKey, http, url))
      url = withKeyParameter(url, apiKey)
    }
    return {
      method: http.method,
      url,
      headers,
      body: http.body,
      signal: http.signal,
      layer: http.layer,
    }
  }
}

/** True for addresses of Azure, where the key goes into a header of its own. */
export function isAzure(url: string): boolean {
  return knownProvider(url)?.startsWith('azure.') ?? false
}

function joined(rules: AddressRules, url: string, baseUrl: string): string {
  const from = new URL(url)
  const base = new URL(baseUrl)
  const root = base.pathname.replace(/\/+$/, '')
  base.pathname =
    root + rules.suffix(from.pathname.replace(/\/+$/, ''), baseUrl.replace(/\/+$/, ''))
  for (const [name, value] of from.searchParams) {
    // The version is Azure's own; the base URL may bring one of its own.
    if (name === 'api-version' && !isAzure(baseUrl)) continue
    if (!base.searchParams.has(name)) base.searchParams.append(name, value)
  }
  return base.href
}

/** Google takes the key in the query too: there it is replaced, never added. */
function withKeyParameter(url: string, apiKey: string): string {
  return url.replace(/([?&]key=)[^&#]*/, (_, name: string) => name + encodeURIComponent(apiKey))
}
