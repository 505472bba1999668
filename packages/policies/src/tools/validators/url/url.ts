import { lookup as systemLookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { allowed, decide, type Decision, type Finding } from '../../decision.ts'
import { hiddenCharacterIn } from '../characters.ts'
import { privateAddress } from './address.ts'

/** An address that a name stands for. */
export interface ResolvedAddress {
  readonly address: string
  readonly family: 4 | 6
}

/** Looks a name up: all of its addresses. */
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>

/** Which addresses a tool may fetch. */
export interface UrlOptions {
  /** Hosts that may be reached although they are private, or the only ones at all with `onlyHosts`: `api.example.com`, `*.example.com`. */
  readonly hosts?: readonly string[]
  /** Refuse every host that is not in `hosts`. @default false */
  readonly onlyHosts?: boolean
  /** @default ['https:', 'http:'] */
  readonly schemes?: readonly string[]
  /** How names are looked up. @default the system's resolver */
  readonly resolve?: Resolve
}

/** A decision about a URL, and where its name led when it was made. */
export interface ResolvedUrl extends Decision {
  /** The checked addresses: a connection must go to one of these. */
  readonly addresses: readonly ResolvedAddress[]
}

/** Decides about a URL by how it is written, without looking its name up. */
export function inspectUrl(input: string, options: UrlOptions = {}): Decision {
  if (/\s/.test(input) || hiddenCharacterIn(input) !== undefined) {
    return deny('url.hidden-character', 'The URL holds a blank or an invisible character.')
  }
  if (input.includes('\\'))
    return deny(
      'url.backslash',
      'The URL holds a backslash, which programs read in different ways.',
    )
  if (input.length > 8192)
    return decide([{ rule: 'url.length', verdict: 'ask', reason: 'The URL is too long.' }])
  let url: URL
  try {
    url = new URL(input)
  } catch {
    return decide([
      {
        rule: 'url.parse',
        verdict: 'ask',
        reason: 'The URL cannot be read; write it as https://host/path.',
      },
    ])
  }
  const schemes = options.schemes ?? ['https:', 'http:']
  if (!schemes.includes(url.protocol))
    return deny('url.scheme', `${url.protocol} is not fetched, only ${schemes.join(' and ')}`)
  // A lone user name is harmless; one that looks like a host deceives whoever reads the URL.
  if (url.password !== '' || !/^[\w-]*$/.test(url.username)) {
    return deny(
      'url.credentials',
      'The URL holds credentials, or something that looks like another host before the @.',
    )
  }
  const host = url.hostname.replace(/\.$/, '').toLowerCase()
  if (host === '') return deny('url.host', 'The URL names no host.')
  if (isNamed(host, options.hosts)) return allowed
  if (options.onlyHosts === true)
    return deny('url.host', `${host} is not among the hosts that may be reached.`)
  const finding = hostFinding(host)
  return finding === undefined ? allowed : decide([finding])
}

/**
 * Decides about a URL and looks its name up once: every address must be public.
 * The connection must then go to one of `addresses`, or the name may lead elsewhere the second time.
 */
export async function resolveUrl(input: string, options: UrlOptions = {}): Promise<ResolvedUrl> {
  const written = inspectUrl(input, options)
  if (written.decision !== 'allow') return { ...written, addresses: [] }
  const host = new URL(input).hostname.replace(/\.$/, '').toLowerCase()
  const literalFamily = isIP(host.replace(/^\[|\]$/g, ''))
  if (literalFamily !== 0) {
    return {
      ...allowed,
      addresses: [{ address: host.replace(/^\[|\]$/g, ''), family: literalFamily as 4 | 6 }],
    }
  }
  try {
    return { ...allowed, addresses: await checkedAddresses(host, options) }
  } catch (error) {
    const verdict = error instanceof PrivateAddressError ? 'deny' : 'ask'
    const reason =
      error instanceof PrivateAddressError ? error.message : `${host} cannot be looked up.`
    return { ...decide([{ rule: 'url.address', verdict, reason }]), addresses: [] }
  }
}

/** A name led to an address that is not public. */
export class PrivateAddressError extends Error {
  override readonly name: string = 'PrivateAddressError'
}

/**
 * All addresses of a name, if every one of them is public.
 * @throws PrivateAddressError where one is not
 */
export async function checkedAddresses(
  host: string,
  options: UrlOptions = {},
): Promise<readonly ResolvedAddress[]> {
  const resolve = options.resolve ?? resolveBySystem
  const addresses = await resolve(host)
  if (addresses.length === 0) throw new Error(`${host} has no address`)
  if (!isNamed(host, options.hosts)) {
    for (const { address } of addresses) {
      const against = privateAddress(address)
      if (against !== undefined)
        throw new PrivateAddressError(`${host} leads to an address that is not public: ${against}.`)
    }
  }
  return addresses
}

const resolveBySystem: Resolve = async (hostname) =>
  (await systemLookup(hostname, { all: true, verbatim: true })).map(({ address, family }) => ({
    address,
    family: family === 6 ? 6 : 4,
  }))

function deny(rule: string, reason: string): Decision {
  return decide([{ rule, verdict: 'deny', reason }])
}

function isNamed(host: string, hosts: readonly string[] | undefined): boolean {
  return (
    hosts?.some((allowedHost) =>
      allowedHost.startsWith('*.') ? host.endsWith(allowedHost.slice(1)) : host === allowedHost,
    ) ?? false
  )
}

const privateNames =
  /^(?:localhost|localhost[46]?|local|broadcasthost|ip6-(?:localhost|loopback)|wpad|metadata|instance-data|rancher-metadata|kubernetes|gateway|router)$|\.(?:localhost|local|localdomain|internal|intranet|private|corp|home|lan|home\.arpa|svc|cluster|test|invalid|onion|arpa)$|^(?:host|gateway|kubernetes)\.docker\.internal$|^docker\.for\.\w+\.(?:localhost|host\.internal)$|(?:^|\.)metadata\.(?:google|azure)|^metadata\.(?:goog|packet\.net|platformequinix\.com|tencentyun\.com)$|^instance-data\.|^169-254-/

// Services whose names stand for whatever address is written into them, and names that are known to mean this machine.
const addressServices =
  /(?:^|\.)(?:nip\.io|sslip\.io|xip\.io|xip\.name|ip\.addr\.tools|traefik\.me|1u\.ms|rbndr\.us|rebind\.it|rebind\.network|localtest\.me|lvh\.me|vcap\.me|lacolhost\.com|localh\.st|127-0-0-1\.org\.uk|yoogle\.com|fbi\.com|local\.sisteminha\.com|fuf\.me|lvh\.com|readme\.localtest\.me|bugbounty\.dod\.network|spoofed\.burpcollaborator\.net|customer1\.app\.localhost\.my\.company|mail\.ebc\.apple\.com|localdomain\.pw|ulh\.us|yoso\.re|loopback\.tools|smackaho\.st|42foo\.com|vhost\.me|domaincontrol\.com|oastify\.com|interact\.sh|burpcollaborator\.net|requestrepo\.com|dnslog\.cn)$/

function hostFinding(host: string): Finding | undefined {
  const finding = (rule: string, reason: string): Finding => ({ rule, verdict: 'deny', reason })
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0) {
    const against = privateAddress(host)
    return against === undefined ? undefined : finding('url.private-address', `${against}.`)
  }
  if (privateNames.test(host) || !host.includes('.'))
    return finding('url.private-name', `${host} is a name inside of a network, not a public one.`)
  if (addressServices.test(host))
    return finding('url.address-service', `${host} stands for any address that its name says.`)
  const carried = carriedAddress(host)
  return carried === undefined
    ? undefined
    : finding('url.address-in-name', `${host} carries the address ${carried}, which is not public.`)
}

/** A private address that is written into a name: `10.0.0.1.example.com`, `169-254-169-254.example.com`, `7f000001.example.com`. */
function carriedAddress(host: string): string | undefined {
  const candidates = [
    ...host.matchAll(/(?:^|[^\d])(\d{1,3})[.-](\d{1,3})[.-](\d{1,3})[.-](\d{1,3})(?=$|[^\d])/g),
  ].map((match) => match.slice(1, 5).join('.'))
  for (const label of host.split('.')) {
    if (/^[\da-f]{8}$/.test(label) && /\d/.test(label))
      candidates.push((label.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).join('.'))
  }
  return candidates.find((address) => isIP(address) === 4 && privateAddress(address) !== undefined)
}
