import { hostOf } from '@holdfast/core/http'
import type { HttpHandler } from '@holdfast/core'
import { mayBeModelCall } from '@holdfast/wire/endpoints'

/** The methods that `modelCalls` may say yes to. */
export const modelCallMethods: readonly string[] = ['POST']

/** Tells which exchanges may be model calls, but for those with hosts that are left alone. */
export function modelCalls(ignoreHosts: readonly string[] = []): HttpHandler['claims'] {
  if (ignoreHosts.length === 0) return mayBeModelCall
  const ignored = ignoreHosts.map((name) => name.toLowerCase())
  return (method, url) => mayBeModelCall(method, url) && !isIgnored(url, ignored)
}

function isIgnored(url: string, hosts: readonly string[]): boolean {
  const host = hostOf(url).replace(/:\d+$/, '').toLowerCase()
  return hosts.some((ignored) => host === ignored || host.endsWith(`.${ignored}`))
}
