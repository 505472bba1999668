import { AsyncLocalStorage } from 'node:async_hooks'
import type { Finding } from '../../decision.ts'
import { resolveUrl } from '../../validators/url/url.ts'
import type { ResolvedAddress, UrlOptions } from '../../validators/url/url.ts'

/** By host, the addresses that were checked when the call was decided about. */
export type CheckedAddresses = ReadonlyMap<string, readonly ResolvedAddress[]>

const scope = new AsyncLocalStorage<CheckedAddresses>()

/** Looks the names of URLs up, once, and checks every address. */
export async function addressFinding(
  urls: readonly string[],
  options: UrlOptions | undefined,
): Promise<{ readonly finding: Finding | undefined; readonly addresses: CheckedAddresses }> {
  const addresses = new Map<string, readonly ResolvedAddress[]>()
  const looked = await Promise.all(urls.map((url) => resolveUrl(url, options)))
  let finding: Finding | undefined
  for (const [index, { findings, addresses: found }] of looked.entries()) {
    const [against] = findings
    if (against !== undefined && finding?.verdict !== 'deny') finding = against
    const host = hostnameOf(urls[index] ?? '')
    if (found.length > 0 && host !== undefined) addresses.set(host, found)
  }
  return { finding, addresses }
}

/** Runs the function of a call so that `guardedLookup` hands out the addresses that were checked, and no others. */
export function enterAddresses<T>(addresses: CheckedAddresses, work: () => T): T {
  return addresses.size === 0 ? work() : scope.run(addresses, work)
}

/** The addresses of a host that were checked for the tool call that the code running now belongs to. */
export function checkedForCall(hostname: string): readonly ResolvedAddress[] | undefined {
  return scope.getStore()?.get(hostname.replace(/\.$/, '').toLowerCase())
}

function hostnameOf(url: string): string | undefined {
  try {
    return new URL(url).hostname.replace(/\.$/, '').toLowerCase()
  } catch {
    return undefined
  }
}
